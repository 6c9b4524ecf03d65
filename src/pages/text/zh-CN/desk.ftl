## Signing in
desk-sign-in-title = 窗口人员登录
desk-sign-in-lead = 请输入发给您的口令。登录 12 小时内有效，下班请退出。
desk-sign-in-token = 口令
desk-sign-in-hint = 由管理员发放，只供本人使用。
desk-sign-in-wrong = 口令不对，请核对后再输入
desk-sign-in-ended = 登录已过期
desk-sign-in-kept = 您写的内容没有丢。重新登录后接着改。
desk-sign-in = 登录
desk-mend = 请更正以下内容

## Halls of today
desk-today-title = 今天的大厅
desk-today-none = 您还没有分配到大厅，请联系管理员。
desk-today-hall = 大厅
desk-today-quiet = 另有 { $count } 个大厅今天没有预约
desk-today-closed = 今天不开放

## How many
desk-count-expected = 待签到
desk-count-here = 已签到
desk-count-served = 已办结
desk-count-no-show = 未到场
desk-count-cancelled = 已取消
desk-count-waiting = 等候叫号

## Ways
desk-ways = 日期与页面
desk-way-earlier = 前一天
desk-way-today = 回到今天
desk-way-later = 后一天
desk-way-queue = 取号与叫号
desk-way-display = 叫号屏
desk-way-list = 打印名单
desk-way-halls = 其他大厅
desk-go-to-day = 日期
desk-go = 查看

## A day
desk-day-title = { $hall } { $day }
desk-day-not-today = 这不是今天的名单。今天是 { $today }。
desk-day-people = 预约名单
desk-day-nobody = 这一天没有预约。
desk-day-not-found = 名单里没有找到。
desk-find = 姓氏、证件号后四位或预约码
desk-find-button = 查找
desk-find-all = 显示全部
desk-band-count = { $taken }/{ $capacity }
desk-earlier = 更早的 { $bands } 个时段（待签到 { $expected } 人）
desk-party = 同行 { $number }/{ $count }
desk-party-expected = 同行 { $count } 人待签到
desk-lane-counter = 人工窗口
desk-lane-kiosk = 自助机
desk-status-held = 保留中
desk-status-booked = 已预约
desk-status-checked-in = 已签到
desk-status-served = 已办结
desk-status-expired = 已失效
desk-status-cancelled = 已取消
desk-status-no-show = 未到场
desk-stale = 连不上服务器，显示的内容可能已经过时。

## Checking in
desk-code = 扫码或输入预约码
desk-code-malformed = 读到的不是预约码。预约码是 8 位数字和字母，例如 K7QX2M9F
desk-code-unknown = 没有预约码 { $code }，请核对后再扫
desk-camera = 摄像头扫码
desk-camera-close = 关闭
desk-check-in-refused = 未能签到
desk-not-checked-in = { $name } 还没有签到，请再扫一次
desk-other-hall = 预约码 { $code } 是「{ $hall }」的预约，请到那里办理
desk-other-day = { $name } 预约的是 { $when }，现在就签到吗？
desk-other-day-anyway = 仍然签到
desk-other-day-leave = 不签到
desk-already-here = { $name } 已经签到过了，不用再签
desk-wrong-state = { $name } 的预约现在是「{ $state }」，不能签到

## What was done
desk-check-in = 签到
desk-check-in-party =
    { $count ->
        [2] 两人一起签到
        [3] 三人一起签到
        [4] 四人一起签到
        [5] 五人一起签到
       *[other] { $count } 人一起签到
    }
desk-check-in-others = 其余 { $count } 人一起签到
desk-serve = 办结
desk-no-show = 未到场
desk-done-checked-in = { $name } 已签到
desk-done-number = 排队号 { $number }，请到等候区等候叫号。
desk-done-ticket = 查看或打印排队号
desk-done-served = { $name } 已办结
desk-done-no-show = { $name } 已记为未到场
desk-done-cancelled = { $name } 的预约已取消
desk-done-changed = { $name } 的预约已更改
desk-undo = 撤销
desk-undone = 已撤销：{ $name } 现在是「{ $state }」
desk-and = 、
desk-late = 没有更改：{ $name } 现在是「{ $state }」
desk-late-why = 可能同事已经先处理了，请看最新名单。
desk-no-show-title = { $name } 没有来？
desk-no-show-when = 预约时间
desk-no-show-lead = 请先确认这个人不在大厅。记错了，到明天结束前都可以撤销。
desk-no-show-yes = 确认未到场
desk-no-show-leave = 返回
desk-no-show-not-now = 预约当天、时段开始以后，才能记为未到场。

## The queue
desk-queue-title = 取号与叫号：{ $where }
desk-queue-only-today = 只能在当天取号和叫号
desk-queue-waiting = 等候 { $count } 人
desk-queue-nobody = 现在没有人等候。
desk-queue-called = 已叫号，正在办理
desk-queue-none-called = 还没有叫号。
desk-queue-since = { $time } 起等候
desk-queue-booked = 预约 { $span }
desk-queue-early = 早到
desk-queue-late = 晚到
desk-queue-was-called = 请 { $number } 号到 { $counter } 号窗口
desk-draw-title = 没有预约的人取号
desk-draw-service = 办理业务
desk-draw-choose = 请选择
desk-draw-no-service = 请选择本大厅办理的业务
desk-draw = 取号
desk-call-title = 叫号
desk-call-counter = { $counter } 号窗口
desk-call-other-counter = 换窗口
desk-call-next = 叫下一位
desk-call = 叫号
desk-call-again = 再叫一次
desk-call-to = { $counter } 号窗口
desk-call-unknown = 队列里没有这个号，可能已经办完或离开
desk-gone = 已离开
desk-counter = 您在几号窗口？
desk-counter-hint = 例如 3。确定以后，叫号只要按一下。
desk-counter-choose = 确定
desk-counter-bad = 请填写窗口号，最多 16 个字，例如 3

## The slip
desk-ticket-title = 您的排队号
desk-ticket-ahead = 前面还有 { $count } 人
desk-ticket-not-waiting = 这个号已经叫过，或者不在等候。
desk-ticket-since = { $time } 取号，当天有效。请留意叫号屏。
desk-ticket-next = 返回取号与叫号
desk-print = 打印

## The screen
desk-display-title = { $hall } 叫号
desk-display-calls = 最近叫号
desk-display-no-calls = 请稍候，马上开始叫号。

## The list
desk-list-title = 预约名单：{ $where }
desk-list-made = { $time } 生成，共 { $count } 人，不含之后的变化。
desk-list-region = 预约名单表
desk-list-name = 姓名
desk-list-id-number = 证件号
desk-list-code = 预约码
desk-list-service = 办理业务
desk-list-state = 状态
desk-list-here = 到场
desk-list-served = 办结

## The record
desk-record-title = 操作记录
desk-record-lead = 最近 24 小时内，谁在什么时候做了什么。对预约和配置的操作长期留存；取号、叫号、登录、下载和查看电话只保留 24 小时。
desk-record-none = 没有记录。
desk-record-hall = 大厅
desk-record-all = 不分大厅（配置、登录、下载）
desk-record-day = 日期
desk-record-today = 今天，{ $day }
desk-record-yesterday = 昨天，{ $day }
desk-record-show = 查看记录
desk-record-when = 时间
desk-record-who = 人员
desk-record-what = 操作
desk-record-where = 来源
desk-deed-drawn = 取号 { $number }（{ $service }）
desk-deed-called = 叫 { $number } 到 { $counter } 号窗口
desk-deed-served = { $number } 办结
desk-deed-gone = { $number } 已离开
desk-deed-checked-in = { $name } 签到，预约码 { $code }
desk-deed-finished = { $name } 办结，预约码 { $code }
desk-deed-no-show = { $name } 记为未到场，预约码 { $code }
desk-deed-cancelled = 取消 { $name } 的预约，预约码 { $code }
desk-deed-moved = 改期 { $name } 的预约，预约码 { $code }
desk-deed-undone = 撤销对 { $name } 的操作，预约码 { $code }
desk-deed-changed = 更改 { $name } 的预约，预约码 { $code }
desk-deed-telephone = 查看 { $name } 的电话，预约码 { $code }
desk-deed-adopted = 启用配置 { $version }
desk-deed-signed-in = 登录
desk-deed-exported = 下载 { $from } 到 { $to } 的数据
desk-via-page = 页面
desk-via-api = 接口
desk-via-configuration = 配置
