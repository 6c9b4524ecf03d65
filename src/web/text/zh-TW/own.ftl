# What somebody has booked, and what can be done with it.
own-title = 我的預約
own-none = 您還沒有預約。
own-coming = 將要辦理
own-past = 以往的預約
own-book = 預約新的時間
own-older = 更早的預約
own-newest = 回到最近的預約
own-show = 查看
own-go-on = 繼續填寫
own-status-held = 名額保留中
own-status-booked = 已預約
own-status-checked-in = 已簽到
own-status-served = 已辦結
own-status-expired = 已失效
own-status-cancelled = 已取消
own-status-no-show = 未到場

one-title = 預約詳情
one-new = 預約成功
one-new-hint = 請按時到大廳，出示預約碼和身份證。
one-moved = 改期成功
one-moved-hint = 新的時間見下方，原來的名額已經放出。
one-cancelled = 預約已取消
one-cancelled-hint = 名額已經放出。
one-held = 還沒有確認
one-held-hint = 名額只保留幾分鐘，請盡快填完並確認。
one-go-on = 繼續填寫
one-code = 預約碼
one-code-hint = 到大廳時出示
one-qr = 預約碼的二維碼
one-who = 辦理人
one-address = 地址
one-route = 導航
one-phone = 電話
one-call = 撥打
one-calendar = 加入日曆
one-print = 列印
one-move = 改期
one-cancel = 取消預約
one-move-all = 全部改期
one-cancel-all = 全部取消
one-bring = 需要帶什麼
one-party = 一起預約的人
one-this = 目前顯示

moving-title = 改期
moving-kept = 新的時間確定之前，原來的預約一直保留。
moving-old = 原來的時間
moving-new = 改到
moving-days = { $hall }可以改到哪天
moving-no-day = 這個大廳現在沒有可以改的日期。可以換一個大廳，或者稍後再看。
moving-calendar = 按日曆查看
moving-hall = 大廳
moving-show-hall = 查看這個大廳
moving-confirm-title = 確認改期
moving-people = 改動涉及 { $count } 人
moving-confirm = 確認改期
moving-other-times = 選擇其他時間
moving-keep = 不改了，保留原來的預約
moving-unchanged = 您原來的預約沒有變：{ $when }。

cancelling-title = 取消預約
cancelling-title-all = 取消全部預約
cancelling-consequences = 取消之後
cancelling-at-once = 名額馬上放給別人。
cancelling-no-way-back = 不能恢復。想再來，需要重新預約。
cancelling-times-left = { $count ->
    [0] 這個大廳現在沒有其他時間可約。
   *[other] 這個大廳現在還有 { $count } 個時間段可約。
}
cancelling-or-move = 只是想換個時間？改期不會丟掉名額：
cancelling-button = 確認取消
cancelling-keep = 不取消

# In the file for a calendar.
calendar-code = 預約碼：{ $code }
calendar-item = · { $item }
