# What somebody has booked, and what can be done with it.
own-title = 我的预约
own-none = 您还没有预约。
own-coming = 将要办理
own-past = 以往的预约
own-book = 预约新的时间
own-older = 更早的预约
own-newest = 回到最近的预约
own-show = 查看
own-go-on = 继续填写
own-status-held = 名额保留中
own-status-booked = 已预约
own-status-checked-in = 已签到
own-status-served = 已办结
own-status-expired = 已失效
own-status-cancelled = 已取消
own-status-no-show = 未到场

one-title = 预约详情
one-new = 预约成功
one-new-hint = 请按时到大厅，出示预约码和身份证。
one-moved = 改期成功
one-moved-hint = 新的时间见下方，原来的名额已经放出。
one-cancelled = 预约已取消
one-cancelled-hint = 名额已经放出。
one-held = 还没有确认
one-held-hint = 名额只保留几分钟，请尽快填完并确认。
one-go-on = 继续填写
one-code = 预约码
one-code-hint = 到大厅时出示
one-qr = 预约码的二维码
one-who = 办理人
one-address = 地址
one-route = 导航
one-phone = 电话
one-call = 拨打
one-calendar = 加入日历
one-print = 打印
one-move = 改期
one-cancel = 取消预约
one-move-all = 全部改期
one-cancel-all = 全部取消
one-bring = 需要带什么
one-party = 一起预约的人
one-this = 当前显示

moving-title = 改期
moving-kept = 新的时间确定之前，原来的预约一直保留。
moving-old = 原来的时间
moving-new = 改到
moving-days = { $hall }可以改到哪天
moving-no-day = 这个大厅现在没有可以改的日期。可以换一个大厅，或者稍后再看。
moving-calendar = 按日历查看
moving-hall = 大厅
moving-show-hall = 查看这个大厅
moving-confirm-title = 确认改期
moving-people = 改动涉及 { $count } 人
moving-confirm = 确认改期
moving-other-times = 选择其他时间
moving-keep = 不改了，保留原来的预约
moving-unchanged = 您原来的预约没有变：{ $when }。

cancelling-title = 取消预约
cancelling-title-all = 取消全部预约
cancelling-consequences = 取消之后
cancelling-at-once = 名额马上放给别人。
cancelling-no-way-back = 不能恢复。想再来，需要重新预约。
cancelling-times-left = { $count ->
    [0] 这个大厅现在没有其他时间可约。
   *[other] 这个大厅现在还有 { $count } 个时间段可约。
}
cancelling-or-move = 只是想换个时间？改期不会丢掉名额：
cancelling-button = 确认取消
cancelling-keep = 不取消

# In the file for a calendar.
calendar-code = 预约码：{ $code }
calendar-item = · { $item }
