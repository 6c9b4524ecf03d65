find-title = 預約辦證時間
find-lead = 辦理護照、往來港澳通行證、往來臺灣通行證，請先約好大廳和時間再前往。
find-held = { $count ->
    [1] 您保留的名額還沒有確認
   *[other] 您保留的 { $count } 個名額還沒有確認
  }
find-held-until = 為您保留到 { $time }
find-held-over = 保留時間已到，名額已釋出，請重新選擇。
find-held-go-on = 繼續填寫
find-held-release = { $count ->
    [1] 放棄這個名額
   *[other] 放棄這 { $count } 個名額
  }
find-next = 您的下一個預約
find-what = 您要辦理什麼？
find-before = 請備妥每位辦理人的身分證號碼和手機號碼，全程大約 3 分鐘。
find-documents = 證件
find-rules = 預約須知
find-rule-days = { $days ->
    [1] 最早可約明天，目前最晚可約到 { $last }；當天不能預約。
   *[other] 最早可約 { $days } 天後，目前最晚可約到 { $last }；當天不能預約。
  }
find-rule-release = 每天 { $time } 釋出新一天的名額。
find-rule-earliest = 最早的時段從 { $time } 開始；部分大廳週末也開放。
find-rule-party = 家人可以一起約，一次最多 { $count } 人。
find-have-one = 已經預約過？
find-have-one-hint = 查看預約碼、改期或取消。
find-people = 幾個人辦理？
find-people-number = { $count } 人
find-people-hint = { $count } 人約在同一時段，辦理同一項業務。
find-halls-title = 選擇大廳
find-city = 城市
find-area-pick = 請選擇
find-district = 區縣
find-whole-city = { $city }（全市）
find-nearest-first = 由近到遠
find-share-place = 使用我的位置
find-share-place-hint = 位置只用來計算距離，不會儲存。
find-place-refused = 無法取得您的位置，請選擇城市。
find-show-halls = 查詢大廳
find-empty-title = 請先修正以下內容
find-empty = 請選擇城市，或使用您的位置
find-by-place = 依您的位置，由近到遠
find-by-area = { $area }
find-by-district = { $area }，由近到遠
find-change = 更改
find-halls-nearest = 離您最近的大廳
find-halls-of = { $area }的大廳
find-halls-near = 附近的大廳
find-halls-all = 全部大廳
find-none-here = 這裡沒有辦理這項業務的大廳，請改選其他城市。
find-soonest = 推薦的時間
find-distance = { $kilometres } 公里
find-distance-about = 約 { $kilometres } 公里
find-weekend-both = 週六週日開放
find-weekend-saturday = 週六開放
find-weekend-sunday = 週日開放
find-places-many = 名額充足
find-places-few = 只剩 { $count } 個名額
find-next-free = 最早可約：{ $day }
find-none-free = 目前沒有可預約的時間
find-more-halls = 顯示更多大廳
find-step = 第 { $at } 步，共 { $all } 步 · { $name }
find-step-what = 辦理項目
find-step-where = 去哪裡
find-step-when = 選時間
find-step-details = 填資料
find-step-check = 核對
find-step-done = （已完成）
