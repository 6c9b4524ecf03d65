## Signing in
desk-sign-in-title = 櫃檯人員登入
desk-sign-in-lead = 請輸入發給您的通行碼。登入 12 小時內有效，下班請登出。
desk-sign-in-token = 通行碼
desk-sign-in-hint = 由管理員發放，僅供本人使用。
desk-sign-in-wrong = 通行碼不正確，請核對後再輸入
desk-sign-in-ended = 登入已逾時
desk-sign-in-kept = 您寫的內容沒有遺失。重新登入後接著改。
desk-sign-in = 登入
desk-mend = 請更正以下內容

## Halls of today
desk-today-title = 今天的大廳
desk-today-none = 您尚未分配到大廳，請聯絡管理員。
desk-today-hall = 大廳
desk-today-quiet = 另有 { $count } 個大廳今天沒有預約
desk-today-closed = 今天不開放

## How many
desk-count-expected = 待報到
desk-count-here = 已報到
desk-count-served = 已完成
desk-count-no-show = 未到場
desk-count-cancelled = 已取消
desk-count-waiting = 等候叫號

## Ways
desk-ways = 日期與頁面
desk-way-earlier = 前一天
desk-way-today = 回到今天
desk-way-later = 後一天
desk-way-queue = 取號與叫號
desk-way-display = 叫號螢幕
desk-way-list = 列印名單
desk-way-halls = 其他大廳
desk-go-to-day = 日期
desk-go = 查看

## A day
desk-day-title = { $hall } { $day }
desk-day-not-today = 這不是今天的名單。今天是 { $today }。
desk-day-people = 預約名單
desk-day-nobody = 這一天沒有預約。
desk-day-not-found = 名單裡找不到。
desk-find = 姓氏、證件號碼末四碼或預約碼
desk-find-button = 搜尋
desk-find-all = 顯示全部
desk-band-count = { $taken }/{ $capacity }
desk-earlier = 更早的 { $bands } 個時段（待報到 { $expected } 人）
desk-party = 同行 { $number }/{ $count }
desk-party-expected = 同行 { $count } 人待報到
desk-lane-counter = 人工櫃檯
desk-lane-kiosk = 自助機
desk-status-held = 保留中
desk-status-booked = 已預約
desk-status-checked-in = 已報到
desk-status-served = 已完成
desk-status-expired = 已失效
desk-status-cancelled = 已取消
desk-status-no-show = 未到場
desk-stale = 連不上伺服器，顯示的內容可能已經過時。

## Checking in
desk-code = 掃描或輸入預約碼
desk-code-malformed = 讀到的不是預約碼。預約碼是 8 碼數字和字母，例如 K7QX2M9F
desk-code-unknown = 沒有預約碼 { $code }，請核對後再掃描
desk-camera = 用鏡頭掃描
desk-camera-close = 關閉
desk-check-in-refused = 未能報到
desk-not-checked-in = { $name } 尚未報到，請再掃描一次
desk-other-hall = 預約碼 { $code } 是「{ $hall }」的預約，請到那裡辦理
desk-other-day = { $name } 預約的是 { $when }，現在就報到嗎？
desk-other-day-anyway = 仍然報到
desk-other-day-leave = 不報到
desk-already-here = { $name } 已經報到過了，不用再報到
desk-wrong-state = { $name } 的預約現在是「{ $state }」，不能報到

## What was done
desk-check-in = 報到
desk-check-in-party =
    { $count ->
        [2] 兩人一起報到
        [3] 三人一起報到
        [4] 四人一起報到
        [5] 五人一起報到
       *[other] { $count } 人一起報到
    }
desk-check-in-others = 其餘 { $count } 人一起報到
desk-serve = 完成
desk-no-show = 未到場
desk-done-checked-in = { $name } 已報到
desk-done-number = 號碼牌 { $number }，請到等候區等候叫號。
desk-done-ticket = 查看或列印號碼牌
desk-done-served = { $name } 已辦理完成
desk-done-no-show = { $name } 已記為未到場
desk-done-cancelled = { $name } 的預約已取消
desk-done-changed = { $name } 的預約已變更
desk-undo = 復原
desk-undone = 已復原：{ $name } 現在是「{ $state }」
desk-and = 、
desk-late = 沒有變更：{ $name } 現在是「{ $state }」
desk-late-why = 可能同事已經先處理了，請看最新名單。
desk-no-show-title = { $name } 沒有來？
desk-no-show-when = 預約時間
desk-no-show-lead = 請先確認這個人不在大廳。記錯了，到明天結束前都可以復原。
desk-no-show-yes = 確認未到場
desk-no-show-leave = 返回
desk-no-show-not-now = 預約當天、時段開始以後，才能記為未到場。

## The queue
desk-queue-title = 取號與叫號：{ $where }
desk-queue-only-today = 只能在當天取號和叫號
desk-queue-waiting = 等候 { $count } 人
desk-queue-nobody = 現在沒有人等候。
desk-queue-called = 已叫號，正在辦理
desk-queue-none-called = 尚未叫號。
desk-queue-since = { $time } 起等候
desk-queue-booked = 預約 { $span }
desk-queue-early = 早到
desk-queue-late = 晚到
desk-queue-was-called = 請 { $number } 號到 { $counter } 號櫃檯
desk-draw-title = 沒有預約的人取號
desk-draw-service = 辦理業務
desk-draw-choose = 請選擇
desk-draw-no-service = 請選擇本大廳辦理的業務
desk-draw = 取號
desk-call-title = 叫號
desk-call-counter = { $counter } 號櫃檯
desk-call-other-counter = 換櫃檯
desk-call-next = 叫下一位
desk-call = 叫號
desk-call-again = 再叫一次
desk-call-to = { $counter } 號櫃檯
desk-call-unknown = 等候名單裡沒有這個號碼，可能已辦完或離開
desk-gone = 已離開
desk-counter = 您在幾號櫃檯？
desk-counter-hint = 例如 3。確定以後，叫號只要按一下。
desk-counter-choose = 確定
desk-counter-bad = 請填寫櫃檯號碼，最多 16 個字，例如 3

## The slip
desk-ticket-title = 您的號碼牌
desk-ticket-ahead = 前面還有 { $count } 人
desk-ticket-not-waiting = 這個號已經叫過，或者不在等候。
desk-ticket-since = { $time } 取號，當天有效。請留意叫號螢幕。
desk-ticket-next = 返回取號與叫號
desk-print = 列印

## The screen
desk-display-title = { $hall } 叫號
desk-display-calls = 最近叫號
desk-display-no-calls = 請稍候，馬上開始叫號。

## The list
desk-list-title = 預約名單：{ $where }
desk-list-made = { $time } 產生，共 { $count } 人，不含之後的異動。
desk-list-region = 預約名單表
desk-list-name = 姓名
desk-list-id-number = 證件號碼
desk-list-code = 預約碼
desk-list-service = 辦理業務
desk-list-state = 狀態
desk-list-here = 到場
desk-list-served = 完成

## The record
desk-record-title = 操作紀錄
desk-record-lead = 最近 24 小時內，誰在什麼時候做了什麼。對預約和設定的操作長期留存；取號、叫號、登入、下載和檢視電話只保留 24 小時。
desk-record-none = 沒有紀錄。
desk-record-hall = 大廳
desk-record-all = 不分大廳（設定、登入、下載）
desk-record-day = 日期
desk-record-today = 今天，{ $day }
desk-record-yesterday = 昨天，{ $day }
desk-record-show = 查看紀錄
desk-record-when = 時間
desk-record-who = 人員
desk-record-what = 操作
desk-record-where = 來源
desk-deed-drawn = 取號 { $number }（{ $service }）
desk-deed-called = 叫 { $number } 到 { $counter } 號櫃檯
desk-deed-served = { $number } 辦理完成
desk-deed-gone = { $number } 已離開
desk-deed-checked-in = { $name } 報到，預約碼 { $code }
desk-deed-finished = { $name } 辦理完成，預約碼 { $code }
desk-deed-no-show = { $name } 記為未到場，預約碼 { $code }
desk-deed-cancelled = 取消 { $name } 的預約，預約碼 { $code }
desk-deed-moved = 改期 { $name } 的預約，預約碼 { $code }
desk-deed-undone = 復原對 { $name } 的操作，預約碼 { $code }
desk-deed-changed = 變更 { $name } 的預約，預約碼 { $code }
desk-deed-telephone = 檢視 { $name } 的電話，預約碼 { $code }
desk-deed-adopted = 啟用設定 { $version }
desk-deed-signed-in = 登入
desk-deed-exported = 下載 { $from } 到 { $to } 的資料
desk-via-page = 頁面
desk-via-api = API
desk-via-configuration = 設定
