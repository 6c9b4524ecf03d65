## What is wrong with a configuration
flaw-syntax = 写法有错（{ $why }）
flaw-unknown-key = { $table }里没有 `{ $key }` 这一项
flaw-lacks-key = { $table }缺少 `{ $key }`
flaw-out-of-range = `{ $key }` 的值是 { $number }，超出范围
flaw-wrong-type = `{ $key }` 应该是{ $wanted }，现在是{ $found }
flaw-too-many-days = 特殊日期有 { $count } 天，太多了
flaw-no-working-weekday = `as` 的值是 { $day }，不是工作日
flaw-day-twice = { $date } 已经写在 { $place }
flaw-hall-twice = 大厅编号 `{ $id }` 已经写在 { $place }
flaw-service-twice = 业务编号 `{ $id }` 已经写在 { $place }
flaw-staff-twice = 人员编号 `{ $id }` 已经写在 { $place }
flaw-token-twice = 同样的口令已经写在 { $place }
flaw-exception-twice = { $date } 的特殊安排已经写在 { $place }
flaw-no-service-matches = `{ $pattern }` 不对应任何业务
flaw-lane-missing = `{ $pattern }` 要用窗口类别 `{ $lane }`，这个大厅没有
flaw-lane-unused = 这个大厅的业务都不用窗口类别 `{ $lane }`
flaw-lane-nowhere = 没有大厅设有窗口类别 `{ $lane }`
flaw-file-unreadable = 读不到这个文件（{ $why }）
flaw-root-unreadable = 读不到配置目录 { $directory }（{ $why }）
flaw-directory-unreadable = 读不到这个目录（{ $why }）
flaw-too-many-files = 有 { $count } 个文件，太多了
flaw-file-too-large = 文件太大
flaw-not-utf8 = 这一行有不是 UTF-8 的字符
flaw-not-copied = 草稿不能复制出来检查（{ $why }）
flaw-too-many-halls = 有 { $count } 个大厅，太多了
flaw-no-hall = 一个大厅也没有
flaw-not-on-earth = 坐标 { $lat }, { $lon } 不在地球上
flaw-unknown-zone = 没有 { $zone } 这个时区
flaw-services-empty = `services` 是空的
flaw-no-pattern = { $pattern } 不是业务的写法
flaw-too-many-exceptions = 特殊安排有 { $count } 条，太多了
flaw-exception-empty = 这条特殊安排没有写时段
flaw-exception-both = 这条特殊安排既写了 `closed = true`，又写了 `hours`
flaw-exception-neither = 这条特殊安排没有写 `closed = true`，也没有写 `hours`
flaw-too-many-periods = `{ $key }` 有 { $count } 个时段
flaw-overlap = { $second } 和同一天的 { $first } 重叠
flaw-no-period = { $period } 不是 HH:MM-HH:MM 这样的时段
flaw-period-backwards = 时段 { $period } 的结束不晚于开始
flaw-period-too-early = 时段 { $period } 早于最早开始时间 { $earliest }
flaw-oidc-not-built = "oidc" 还不能用
flaw-unknown-mode = 没有 { $mode } 这种身份核验方式
flaw-no-lane = 这个大厅没有窗口类别
flaw-too-many-lanes = 这个大厅有 { $count } 种窗口类别
flaw-lane-name = 窗口类别 `{ $lane }` 的名字不能用：只能有 a-z、0-9、“-”和“.”
flaw-no-band-time = `{ $key }` 不是 HH:MM 这样的时间
flaw-band-too-long = 没有一个开放时段有 { $minutes } 分钟长
flaw-no-band-starts = 窗口类别 `{ $lane }` 没有从 { $start } 开始的时段
flaw-too-many-bands = 这个大厅一天有 { $count } 个时段
flaw-never-comes = `{ $key }` 是 24:00，没有这个时刻
flaw-window-too-short = 可约 { $window } 天，却要提前 { $ahead } 天，没有一天能约
flaw-no-service = 一项业务也没有
flaw-too-many-services = 有 { $count } 项业务，太多了
flaw-too-many-staff = 有 { $count } 名人员，太多了
flaw-no-digest = `token_sha256` 不是 64 位十六进制数
flaw-admin-with-halls = "admin" 角色写了 `halls`
flaw-hall-role-empty = "hall" 角色的 `halls` 里没有大厅
flaw-unknown-role = 没有 { $role } 这个角色
flaw-no-such-hall = 没有编号为 { $id } 的大厅
flaw-bad-name = `{ $key }` 的值 { $text } 不能用：只能是 1 到 64 个 a-z、0-9、“-”和“.”
flaw-no-room-for-name = 放不下新的名字 { $text }：启动以来用过的名字太多了
flaw-no-date = `{ $key }` 的值 { $text } 不是 YYYY-MM-DD 这样的日期
flaw-no-time = `{ $key }` 的值 { $text } 不是 HH:MM 这样的时间
flaw-empty = `{ $key }` 是空的
flaw-control-characters = `{ $key }` 里有换行或控制字符
flaw-too-long = `{ $key }` 太长
flaw-lacks-language = `{ $key }` 没有 { $language } 的文字
flaw-too-many-languages = `{ $key }` 的语言太多
flaw-no-language-tag = `{ $key }` 不是语言代码
flaw-variable-not-utf8 = 这个环境变量不是 UTF-8
flaw-variable-without-postgres = 设了这个环境变量，但存储是 embedded
flaw-unknown-store = 没有这种存储
flaw-no-absolute-path = `{ $key }` 不是绝对路径
flaw-embedded-has-no = embedded 存储没有 `{ $key }`
flaw-postgres-without-url = "postgres" 存储没有写 `url`
flaw-both-given = `{ $one }` 和 `{ $other }` 都写了
flaw-no-address = { $what }不是 PostgreSQL 的地址（{ $why }）
flaw-demonstration-beyond = 演示方式（identity.mode = "demo"）不核验身份，而服务器要对外开放
flaw-store-changed = {"["}store] 的 { $keys } 变了，运行中的服务器不能换存储
flaw-scenario = { $said }

## How to mend it
mend-write-toml = 请按 TOML 的格式写
mend-known-keys = 请删掉，或改成 { $keys } 之一
mend-add-key = 请加上，例如 `{ $key } = { $example }`
mend-write-like = 请写成 `{ $key } = { $example }` 这样
mend-whole-number = 请填 { $least } 到 { $most } 的整数
mend-at-most = 最多 { $most } 个
mend-working-weekday = 请用 mon、tue、wed、thu 或 fri
mend-keep-one = 请只留一处，或改掉一处
mend-pattern-or-service = 请用业务编号、`证件.*` 或 `*`，或在 services.toml 里加上这项业务
mend-add-lane-or-drop = 请加上 [hall.lanes.{ $lane }]，或去掉这项业务
mend-use-lane = 请去掉这个窗口类别，或加上用它的业务，或在 services.toml 里更正业务的窗口类别
mend-lane-of-a-hall = 请用大厅已有的窗口类别，或给大厅加上
mend-readable-file = 请让它成为可以读的文件
mend-name-directory = 请用 --config 指定别的目录，或建立这个目录
mend-make-directory = 请建立这个目录，可以是空的
mend-gather-files = 请并成最多 { $most } 个文件
mend-split-file = 请拆成每个不超过 { $most } 字节的文件
mend-save-utf8 = 请用 UTF-8 保存
mend-make-room = 请给临时文件的目录腾出空间
mend-add-hall-file = 请在 halls/名称.toml 里用 [[hall]] 加一个
mend-add-hall = 请用 [[hall]] 加一个
mend-degrees = 请填 WGS-84 度数：lat 从 -90 到 90，lon 从 -180 到 180
mend-zone-name = 请用 IANA 时区名，例如 Asia/Shanghai
mend-leave-services-out = 办理所有业务就不写这一项，否则请列出业务
mend-pattern = 请用业务编号、`证件.*` 或 `*`
mend-write-closed = 请改写 closed = true
mend-take-one-out = 请去掉其中一个
mend-closed-or-hours = 请加上 `closed = true` 或 `hours`
mend-end-before-next = 请让前一个时段在下一个开始之前结束
mend-end-after-begin = 请让结束晚于开始
mend-begin-later = 请从 { $earliest } 或更晚开始，或在 hallpass.toml 里把 earliest_start 改早
mend-demo-until-built = 目前请用 mode = "demo"
mend-demo = 请用 mode = "demo"
mend-add-lane = 请用 [hall.lanes.counter] 加一个
mend-lane-name = 请用 `counter` 这样的名字
mend-shorter-bands = 请缩短每段时间，或延长开放时段
mend-band-start = 请用时段的开始时间，或去掉这一行
mend-band-start-like = 请用时段的开始时间，例如 { $start }，或去掉这一行
mend-band-start-between = 请用时段的开始时间，例如 { $before } 或 { $after }，或去掉这一行
mend-longer-bands = 请延长每段时间：一个大厅一天最多 { $most } 个时段
mend-clock-time = 请填 00:00 到 23:59
mend-longer-window = 请把 window_days 设为 { $ahead } 或更多
mend-add-service = 请用 [[service]] 加一项
mend-digest = 请填口令的 SHA-256（十六进制），不要填口令本身
mend-leave-halls-out = 请去掉 `halls`，或改用 role = "hall"
mend-role = 请用 "admin" 或 "hall"
mend-hall-id = 请用 halls/ 里的大厅编号，或加上这个大厅
mend-restart-process = 请重新启动服务
mend-cut = 请缩短到 { $most } 字以内
mend-language-tag = 请用 `zh-CN`、`zh-TW` 或 `en` 这样的代码
mend-set-url = 请设成网址，或取消这个变量
mend-postgres-or-unset = 请在 hallpass.toml 的 [store] 里写 kind = "postgres"，或取消这个变量
mend-store-kind = 请用 "embedded" 或 "postgres"，地址写在 `url`
mend-postgres-or-drop = 请写 kind = "postgres"，或去掉 `{ $key }`
mend-add-url = 请加上 `url` 或 `url_file`，或设置 { $variable }
mend-listen-here = 请只监听 127.0.0.1，或设 identity.demo_beyond_loopback = true
mend-restart-server = 请重新启动服务器，或把 [store] 改回去
mend-advice = { $said }

## Parts of such sentences
word-string = 文字（加引号）
word-whole-number = 整数
word-decimal = 小数
word-number = 数字
word-flag = true 或 false
word-bare-time = 没有引号的日期或时间
word-array = 列表
word-table = 表
word-calendar-file = 日历文件
word-halls-file = 大厅文件
word-location = 坐标
word-lane = 窗口类别
word-lane-bands = 单独时段
word-name = 名称
word-none = 无
word-all = 全部
word-closed = 不开放
word-closed-because = 不开放（{ $reason }）
word-hours-because = { $hours }（{ $reason }）
word-as-usual = 照常
word-of-the-lane = 与其他时段相同
word-holiday = 假日
word-workday = 调休上班日
word-hours-of = 按{ $weekday }的时间
word-admin = 管理员
word-hall-role = 窗口人员（{ $halls }）
word-yes = 是
word-no = 否
word-the-variable = 环境变量
word-the-file = 文件内容

## What differs between two configurations
change-policy = 预约规则：{ $field } { $old } → { $new }
change-day-ended = { $date } 不再是{ $kind }
change-day-added = { $date } 改为{ $kind }（{ $detail }）
change-day-turned = { $date } 由{ $was }改为{ $kind }（{ $detail }）
change-day-changed = { $date } { $kind }：{ $old } → { $new }
change-service-added = 新增业务「{ $service }」
change-service-removed = 撤销业务「{ $service }」
change-service = 业务「{ $service }」：{ $field } { $old } → { $new }
change-service-text = 业务「{ $service }」：{ $field }（{ $language }）{ $old } → { $new }
change-services-order = 业务的排列顺序变了
change-hall-added = 新增大厅「{ $hall }」
change-hall-removed = 撤销大厅「{ $hall }」
change-hall = 「{ $hall }」：{ $field } { $old } → { $new }
change-hall-text = 「{ $hall }」：{ $field }（{ $language }）{ $old } → { $new }
change-lane-added = 「{ $hall }」：新增{ $lane }
change-lane-removed = 「{ $hall }」：取消{ $lane }
change-lane = 「{ $hall }」{ $lane }：{ $field } { $old } → { $new }
change-band = 「{ $hall }」{ $lane }：{ $start } 开始的时段，名额 { $old } → { $new }
change-exception = 「{ $hall }」{ $date }：{ $old } → { $new }
change-beyond-loopback = 演示环境对外开放：{ $old } → { $new }
change-member-added = 新增人员 { $member }：{ $role }
change-member-removed = 移除人员 { $member }
change-member-role = 人员 { $member }：{ $old } → { $new }
change-member-token = 人员 { $member }：更换口令

## The keys of the files
field-earliest_start = 最早开始时间
field-min_days_ahead = 至少提前天数
field-window_days = 可约天数
field-release_time = 放号时间
field-hold_minutes = 名额保留分钟数
field-hold_extension_minutes = 保留可延长分钟数
field-max_party = 一次最多人数
field-max_active = 每人最多有效预约
field-document = 证件
field-action = 办理类型
field-lane = 窗口类别
field-name = 名称
field-city = 城市
field-district = 区县
field-address = 地址
field-phone = 电话
field-location = 坐标
field-time_zone = 时区
field-services = 办理的业务
field-mon = 周一
field-tue = 周二
field-wed = 周三
field-thu = 周四
field-fri = 周五
field-sat = 周六
field-sun = 周日
field-band_minutes = 每段分钟数
field-capacity = 每段名额
