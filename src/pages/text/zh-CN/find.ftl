find-title = 预约办证时间
find-lead = 办护照、往来港澳通行证、往来台湾通行证，先约好大厅和时间再去。
find-held = { $count ->
    [1] 您保留的名额还没有确认
   *[other] 您保留的 { $count } 个名额还没有确认
  }
find-held-until = 为您保留到 { $time }
find-held-over = 保留时间已到，名额已释放，请重新选择。
find-held-go-on = 继续填写
find-held-release = { $count ->
    [1] 放弃这个名额
   *[other] 放弃这 { $count } 个名额
  }
find-next = 您的下一个预约
find-what = 您要办什么？
find-before = 请备好每位办理人的身份证号和手机号，整个过程大约 3 分钟。
find-documents = 证件
find-rules = 预约须知
find-rule-days = { $days ->
    [1] 最早可约明天，目前最晚可约到 { $last }；当天不能预约。
   *[other] 最早可约 { $days } 天后，目前最晚可约到 { $last }；当天不能预约。
  }
find-rule-release = 每天 { $time } 放出新一天的名额。
find-rule-earliest = 最早的时段从 { $time } 开始；部分大厅周末也开放。
find-rule-party = 家人可以一起约，一次最多 { $count } 人。
find-have-one = 已经预约过？
find-have-one-hint = 查看预约码、改期或取消。
find-people = 几个人办理？
find-people-number = { $count } 人
find-people-hint = { $count } 人约在同一时段，办理同一项业务。
find-halls-title = 选择大厅
find-city = 城市
find-area-pick = 请选择
find-district = 区县
find-whole-city = { $city }（全市）
find-nearest-first = 由近到远
find-share-place = 使用我的位置
find-share-place-hint = 位置只用来计算距离，不会保存。
find-place-refused = 没有取得位置，请选择城市。
find-show-halls = 查看大厅
find-empty-title = 请先改正下面的内容
find-empty = 请选择城市，或者使用您的位置
find-by-place = 按您的位置，由近到远
find-by-area = { $area }
find-by-district = { $area }，由近到远
find-change = 更改
find-halls-nearest = 离您最近的大厅
find-halls-of = { $area }的大厅
find-halls-near = 附近的大厅
find-halls-all = 全部大厅
find-none-here = 这里没有办理这项业务的大厅，请换一个城市。
find-soonest = 推荐的时间
find-distance = { $kilometres } 公里
find-distance-about = 约 { $kilometres } 公里
find-weekend-both = 周六周日开放
find-weekend-saturday = 周六开放
find-weekend-sunday = 周日开放
find-places-many = 名额充足
find-places-few = 只剩 { $count } 个名额
find-next-free = 最早可约：{ $day }
find-none-free = 目前没有可约的时间
find-more-halls = 显示更多大厅
find-step = 第 { $at } 步，共 { $all } 步 · { $name }
find-step-what = 办什么
find-step-where = 去哪里
find-step-when = 选时间
find-step-details = 填资料
find-step-check = 核对
find-step-done = （已完成）
