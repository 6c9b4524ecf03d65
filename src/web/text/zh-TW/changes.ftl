## What is wrong with a configuration
flaw-syntax = 寫法有錯（{ $why }）
flaw-unknown-key = { $table }裡沒有 `{ $key }` 這一項
flaw-lacks-key = { $table }缺少 `{ $key }`
flaw-out-of-range = `{ $key }` 的值是 { $number }，超出範圍
flaw-wrong-type = `{ $key }` 應該是{ $wanted }，現在是{ $found }
flaw-too-many-days = 特殊日期有 { $count } 天，太多了
flaw-no-working-weekday = `as` 的值是 { $day }，不是工作日
flaw-day-twice = { $date } 已經寫在 { $place }
flaw-hall-twice = 大廳編號 `{ $id }` 已經寫在 { $place }
flaw-service-twice = 業務編號 `{ $id }` 已經寫在 { $place }
flaw-staff-twice = 人員編號 `{ $id }` 已經寫在 { $place }
flaw-token-twice = 同樣的口令已經寫在 { $place }
flaw-exception-twice = { $date } 的特殊安排已經寫在 { $place }
flaw-no-service-matches = `{ $pattern }` 不對應任何業務
flaw-lane-missing = `{ $pattern }` 要用窗口類別 `{ $lane }`，這個大廳沒有
flaw-lane-unused = 這個大廳的業務都不用窗口類別 `{ $lane }`
flaw-lane-nowhere = 沒有大廳設有窗口類別 `{ $lane }`
flaw-file-unreadable = 讀不到這個檔案（{ $why }）
flaw-root-unreadable = 讀不到設定目錄 { $directory }（{ $why }）
flaw-directory-unreadable = 讀不到這個目錄（{ $why }）
flaw-too-many-files = 有 { $count } 個檔案，太多了
flaw-file-too-large = 檔案太大
flaw-not-utf8 = 這一行有不是 UTF-8 的字元
flaw-not-copied = 草稿不能複製出來檢查（{ $why }）
flaw-too-many-halls = 有 { $count } 個大廳，太多了
flaw-no-hall = 一個大廳也沒有
flaw-not-on-earth = 座標 { $lat }, { $lon } 不在地球上
flaw-unknown-zone = 沒有 { $zone } 這個時區
flaw-services-empty = `services` 是空的
flaw-no-pattern = { $pattern } 不是業務的寫法
flaw-too-many-exceptions = 特殊安排有 { $count } 條，太多了
flaw-exception-empty = 這條特殊安排沒有寫時段
flaw-exception-both = 這條特殊安排既寫了 `closed = true`，又寫了 `hours`
flaw-exception-neither = 這條特殊安排沒有寫 `closed = true`，也沒有寫 `hours`
flaw-too-many-periods = `{ $key }` 有 { $count } 個時段
flaw-overlap = { $second } 和同一天的 { $first } 重疊
flaw-no-period = { $period } 不是 HH:MM-HH:MM 這樣的時段
flaw-period-backwards = 時段 { $period } 的結束不晚於開始
flaw-period-too-early = 時段 { $period } 早於最早開始時間 { $earliest }
flaw-oidc-not-built = "oidc" 還不能用
flaw-unknown-mode = 沒有 { $mode } 這種身分核驗方式
flaw-no-lane = 這個大廳沒有窗口類別
flaw-too-many-lanes = 這個大廳有 { $count } 種窗口類別
flaw-lane-name = 窗口類別 `{ $lane }` 的名字不能用：只能有 a-z、0-9、「-」和「.」
flaw-no-band-time = `{ $key }` 不是 HH:MM 這樣的時間
flaw-band-too-long = 沒有一個開放時段有 { $minutes } 分鐘長
flaw-no-band-starts = 窗口類別 `{ $lane }` 沒有從 { $start } 開始的時段
flaw-too-many-bands = 這個大廳一天有 { $count } 個時段
flaw-never-comes = `{ $key }` 是 24:00，沒有這個時刻
flaw-window-too-short = 可約 { $window } 天，卻要提前 { $ahead } 天，沒有一天能約
flaw-no-service = 一項業務也沒有
flaw-too-many-services = 有 { $count } 項業務，太多了
flaw-too-many-staff = 有 { $count } 名人員，太多了
flaw-no-digest = `token_sha256` 不是 64 位十六進位數
flaw-admin-with-halls = "admin" 角色寫了 `halls`
flaw-hall-role-empty = "hall" 角色的 `halls` 裡沒有大廳
flaw-unknown-role = 沒有 { $role } 這個角色
flaw-no-such-hall = 沒有編號為 { $id } 的大廳
flaw-bad-name = `{ $key }` 的值 { $text } 不能用：只能是 1 到 64 個 a-z、0-9、「-」和「.」
flaw-no-room-for-name = 放不下新的名字 { $text }：啟動以來用過的名字太多了
flaw-no-date = `{ $key }` 的值 { $text } 不是 YYYY-MM-DD 這樣的日期
flaw-no-time = `{ $key }` 的值 { $text } 不是 HH:MM 這樣的時間
flaw-empty = `{ $key }` 是空的
flaw-control-characters = `{ $key }` 裡有換行或控制字元
flaw-too-long = `{ $key }` 太長
flaw-lacks-language = `{ $key }` 沒有 { $language } 的文字
flaw-too-many-languages = `{ $key }` 的語言太多
flaw-no-language-tag = `{ $key }` 不是語言代碼
flaw-variable-not-utf8 = 這個環境變數不是 UTF-8
flaw-variable-without-postgres = 設了這個環境變數，但儲存是 embedded
flaw-unknown-store = 沒有這種儲存
flaw-no-absolute-path = `{ $key }` 不是絕對路徑
flaw-embedded-has-no = embedded 儲存沒有 `{ $key }`
flaw-postgres-without-url = "postgres" 儲存沒有寫 `url`
flaw-both-given = `{ $one }` 和 `{ $other }` 都寫了
flaw-no-address = { $what }不是 PostgreSQL 的位址（{ $why }）
flaw-demonstration-beyond = 示範方式（identity.mode = "demo"）不核驗身分，而伺服器要對外開放
flaw-store-changed = {"["}store] 的 { $keys } 變了，執行中的伺服器不能換儲存
flaw-scenario = { $said }

## How to mend it
mend-write-toml = 請按 TOML 的格式寫
mend-known-keys = 請刪掉，或改成 { $keys } 之一
mend-add-key = 請加上，例如 `{ $key } = { $example }`
mend-write-like = 請寫成 `{ $key } = { $example }` 這樣
mend-whole-number = 請填 { $least } 到 { $most } 的整數
mend-at-most = 最多 { $most } 個
mend-working-weekday = 請用 mon、tue、wed、thu 或 fri
mend-keep-one = 請只留一處，或改掉一處
mend-pattern-or-service = 請用業務編號、`證件.*` 或 `*`，或在 services.toml 裡加上這項業務
mend-add-lane-or-drop = 請加上 [hall.lanes.{ $lane }]，或去掉這項業務
mend-use-lane = 請去掉這個窗口類別，或加上用它的業務，或在 services.toml 裡更正業務的窗口類別
mend-lane-of-a-hall = 請用大廳已有的窗口類別，或給大廳加上
mend-readable-file = 請讓它成為可以讀的檔案
mend-name-directory = 請用 --config 指定其他目錄，或建立這個目錄
mend-make-directory = 請建立這個目錄，可以是空的
mend-gather-files = 請併成最多 { $most } 個檔案
mend-split-file = 請拆成每個不超過 { $most } 位元組的檔案
mend-save-utf8 = 請用 UTF-8 儲存
mend-make-room = 請給暫存檔的目錄騰出空間
mend-add-hall-file = 請在 halls/名稱.toml 裡用 [[hall]] 加一個
mend-add-hall = 請用 [[hall]] 加一個
mend-degrees = 請填 WGS-84 度數：lat 從 -90 到 90，lon 從 -180 到 180
mend-zone-name = 請用 IANA 時區名，例如 Asia/Shanghai
mend-leave-services-out = 辦理所有業務就不寫這一項，否則請列出業務
mend-pattern = 請用業務編號、`證件.*` 或 `*`
mend-write-closed = 請改寫 closed = true
mend-take-one-out = 請去掉其中一個
mend-closed-or-hours = 請加上 `closed = true` 或 `hours`
mend-end-before-next = 請讓前一個時段在下一個開始之前結束
mend-end-after-begin = 請讓結束晚於開始
mend-begin-later = 請從 { $earliest } 或更晚開始，或在 hallpass.toml 裡把 earliest_start 改早
mend-demo-until-built = 目前請用 mode = "demo"
mend-demo = 請用 mode = "demo"
mend-add-lane = 請用 [hall.lanes.counter] 加一個
mend-lane-name = 請用 `counter` 這樣的名字
mend-shorter-bands = 請縮短每段時間，或延長開放時段
mend-band-start = 請用時段的開始時間，或去掉這一行
mend-band-start-like = 請用時段的開始時間，例如 { $start }，或去掉這一行
mend-band-start-between = 請用時段的開始時間，例如 { $before } 或 { $after }，或去掉這一行
mend-longer-bands = 請延長每段時間：一個大廳一天最多 { $most } 個時段
mend-clock-time = 請填 00:00 到 23:59
mend-longer-window = 請把 window_days 設為 { $ahead } 或更多
mend-add-service = 請用 [[service]] 加一項
mend-digest = 請填口令的 SHA-256（十六進位），不要填口令本身
mend-leave-halls-out = 請去掉 `halls`，或改用 role = "hall"
mend-role = 請用 "admin" 或 "hall"
mend-hall-id = 請用 halls/ 裡的大廳編號，或加上這個大廳
mend-restart-process = 請重新啟動服務
mend-cut = 請縮短到 { $most } 字以內
mend-language-tag = 請用 `zh-CN`、`zh-TW` 或 `en` 這樣的代碼
mend-set-url = 請設成網址，或取消這個變數
mend-postgres-or-unset = 請在 hallpass.toml 的 [store] 裡寫 kind = "postgres"，或取消這個變數
mend-store-kind = 請用 "embedded" 或 "postgres"，位址寫在 `url`
mend-postgres-or-drop = 請寫 kind = "postgres"，或去掉 `{ $key }`
mend-add-url = 請加上 `url` 或 `url_file`，或設定 { $variable }
mend-listen-here = 請只監聽 127.0.0.1，或設 identity.demo_beyond_loopback = true
mend-restart-server = 請重新啟動伺服器，或把 [store] 改回去
mend-advice = { $said }

## Parts of such sentences
word-string = 文字（加引號）
word-whole-number = 整數
word-decimal = 小數
word-number = 數字
word-flag = true 或 false
word-bare-time = 沒有引號的日期或時間
word-array = 清單
word-table = 表
word-calendar-file = 日曆檔案
word-halls-file = 大廳檔案
word-location = 座標
word-lane = 窗口類別
word-lane-bands = 單獨時段
word-name = 名稱
word-none = 無
word-all = 全部
word-closed = 不開放
word-closed-because = 不開放（{ $reason }）
word-hours-because = { $hours }（{ $reason }）
word-as-usual = 照常
word-of-the-lane = 與其他時段相同
word-holiday = 假日
word-workday = 補班日
word-hours-of = 按{ $weekday }的時間
word-admin = 管理員
word-hall-role = 窗口人員（{ $halls }）
word-yes = 是
word-no = 否
word-the-variable = 環境變數
word-the-file = 檔案內容

## What differs between two configurations
change-policy = 預約規則：{ $field } { $old } → { $new }
change-day-ended = { $date } 不再是{ $kind }
change-day-added = { $date } 改為{ $kind }（{ $detail }）
change-day-turned = { $date } 由{ $was }改為{ $kind }（{ $detail }）
change-day-changed = { $date } { $kind }：{ $old } → { $new }
change-service-added = 新增業務「{ $service }」
change-service-removed = 撤銷業務「{ $service }」
change-service = 業務「{ $service }」：{ $field } { $old } → { $new }
change-service-text = 業務「{ $service }」：{ $field }（{ $language }）{ $old } → { $new }
change-services-order = 業務的排列順序變了
change-hall-added = 新增大廳「{ $hall }」
change-hall-removed = 撤銷大廳「{ $hall }」
change-hall = 「{ $hall }」：{ $field } { $old } → { $new }
change-hall-text = 「{ $hall }」：{ $field }（{ $language }）{ $old } → { $new }
change-lane-added = 「{ $hall }」：新增{ $lane }
change-lane-removed = 「{ $hall }」：取消{ $lane }
change-lane = 「{ $hall }」{ $lane }：{ $field } { $old } → { $new }
change-band = 「{ $hall }」{ $lane }：{ $start } 開始的時段，名額 { $old } → { $new }
change-exception = 「{ $hall }」{ $date }：{ $old } → { $new }
change-beyond-loopback = 示範環境對外開放：{ $old } → { $new }
change-member-added = 新增人員 { $member }：{ $role }
change-member-removed = 移除人員 { $member }
change-member-role = 人員 { $member }：{ $old } → { $new }
change-member-token = 人員 { $member }：更換口令

## The keys of the files
field-earliest_start = 最早開始時間
field-min_days_ahead = 至少提前天數
field-window_days = 可約天數
field-release_time = 放號時間
field-hold_minutes = 名額保留分鐘數
field-hold_extension_minutes = 保留可延長分鐘數
field-max_party = 一次最多人數
field-max_active = 每人最多有效預約
field-document = 證件
field-action = 辦理類型
field-lane = 窗口類別
field-name = 名稱
field-city = 城市
field-district = 區縣
field-address = 地址
field-phone = 電話
field-location = 座標
field-time_zone = 時區
field-services = 辦理的業務
field-mon = 週一
field-tue = 週二
field-wed = 週三
field-thu = 週四
field-fri = 週五
field-sat = 週六
field-sun = 週日
field-band_minutes = 每段分鐘數
field-capacity = 每段名額
