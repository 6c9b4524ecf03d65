//! The texts in Chinese.

use super::super::figures::Figure;
use super::super::notation::{Units, count, percent, wait};
use super::super::outcome::{Change, End};
use super::super::verdict::Facts;
use super::{AnswerClasses, BandNote, Language, VerdictNames, Words};

pub(in crate::simulate) const CHINESE: Words = Words {
    language: Language::Chinese,
    own_name: "中文",

    units: Units { ms: "毫秒", s: "秒", min: "分钟", points: "个百分点" },
    none: "–",
    comma: "、",

    kind: "高峰日模拟",
    opening_day: |date| format!("放号日期 {date}"),
    contents: "本页内容",
    verdict,
    verdict_names: VerdictNames {
        wrong: "结果有误",
        partial: "部分结果",
        strained: "号源或窗口不足",
        fine: "一切正常",
    },
    partial: "部分",
    interrupted: |after| format!("模拟在放号阶段进行 {after} 后被中断，以下数字均截至当时。"),
    server_lost: |after, reason| {
        format!("模拟在放号阶段进行 {after} 后与服务器失去联系（{reason}），以下数字均截至当时。")
    },

    figures: "关键数字",
    advice: "改进建议",
    what_if: "现行配置与方案对比",
    rush: "放号时刻",
    day: "办理当天",
    audit: "核查",
    about: "关于本次模拟",

    figure,
    came_of: |visitors| format!("计划 {visitors} 人"),
    taken_of: |places| format!("当日共 {places} 个"),

    rush_intro: "市民集中在放号前后到来。时间从放号一刻算起。",
    rush_empty: "放号阶段没有任何数据。",
    requests: "每秒请求数",
    bookings: "每秒约到数（含占号）",
    requests_in: |count| format!("{count} 次请求"),
    bookings_in: |count| format!("{count} 次约到"),
    day_opens: "放号",
    since_opening: "放号后的秒数",
    peak: |value, at| format!("最高 {value}（{at}）"),
    latency: "应答用时",
    latency_note: "对数刻度：每上一格，时间长十倍。p95 表示 100 次请求中有 95 次更快。",
    median: "中位数",
    longest: "最长",
    places_left: "放号当日的剩余号源",
    gone_after: |duration| format!("{duration}后约满"),
    left_at_end: |count| format!("剩余 {count} 个"),
    answers: "应答分类",
    answers_note: "拒绝也是应答：来晚的市民会立刻得到答复。",
    calls: "各类请求的用时",
    call,
    call_head: "请求",
    as_table: "逐秒数据表",
    second: "秒",
    status: "状态码",
    answer: "应答",
    times: "次数",
    of_all: "占比",
    classes: AnswerClasses { success: "成功", refusal: "拒绝", fault: "故障", lost: "无应答" },

    day_intro: "按约到的号模拟当天各大厅：有人早到、迟到或未到场，有人未预约直接前来，各项业务按各自的时长办理。",
    day_empty: "未模拟办理当天。",
    lane: |lane| match lane {
        "counter" => Some("人工窗口"),
        "kiosk" => Some("自助机"),
        _ => None,
    },
    heat_booked: "约满程度（已约占容量的百分比）",
    heat_wait: "等候时间（第 90 百分位，分钟）",
    heat_queue: "最长队列（人）",
    heat_busy: "忙碌程度（窗口忙碌时间的百分比）",
    heat_key: "图例",
    nobody: "无人到场",
    band_note,
    halls: "各大厅一览",
    hall: "大厅",
    lane_head: "通道",
    desks: "台数",
    booked_share: "约满",
    came: "到场",
    no_shows: "未到场",
    walk_ins: "未预约",
    wait_mean: "平均等候（分）",
    wait_p90: "p90 等候（分）",
    wait_p90_explained: "p90：十人中有九人的等候不超过此数。",
    queue_max: "最长队列",
    busy: "忙碌",
    done: "办完时间",
    after_closing: |minutes| format!("下班后 {minutes} 分钟"),

    what_if_intro: |today, draft| format!("方案（版本 {draft}）与现行配置（版本 {today}）用同一随机种子模拟。"),
    today: "现行",
    draft: "方案",
    difference: "差别",
    better: "更好",
    worse: "更差",
    key_figure: "指标",
    wait_by_hall: "各大厅等候时间（第 90 百分位，分钟）",
    heat_wait_draft: "方案的等候时间（第 90 百分位，分钟）",

    advice_none: "无需改动：没有大厅缺号或缺窗口，也没有明显富余。",
    advice_note: "最紧迫的排在最前。",
    advice_more: |pieces| format!("另有 {pieces} 条，较不紧迫"),
    every_band: "全天",
    advice_kind: |change| match change {
        Change::MorePlaces { .. } => "号源不足",
        Change::MoreDesks { .. } => "窗口不足",
        Change::FewerDesks { .. } => "窗口富余",
        Change::SparePlaces { .. } => "号源富余",
    },
    advice_text,

    audit_clean: "每个应答和服务器的全部状态均正确：没有时段超出容量，没有人重复占号，每位市民看到的与服务器一致。",
    audit_answers: "每个应答均正确，没有人重复占号，每位市民看到的与服务器一致。只核查了市民所见；用 --admin-token-file 可核查服务器的全部状态。",
    audit_partial: "截至模拟结束没有错误应答；结束时的整体状态未能核查。",
    audit_found: |found, seed| format!("核查发现 {found} 处错误。用种子 {seed} 可以重现同一次模拟。"),

    scenario: "场景",
    city: "城市",
    seed: "随机种子",
    visitors: "人数",
    version: "配置版本",
    version_draft: "方案版本",
    server: "服务器",
    repeat: "重复运行",
};

fn verdict(facts: &Facts) -> String {
    let finished = *facts.end == End::Finished;
    let of = if finished { facts.visitors } else { facts.came };
    let served = format!("{} 位市民中有 {} 位约到号", count(of), count(facts.served));
    let audit = match (facts.oversold, facts.violations) {
        (0, 0) => "没有超额放号".to_owned(),
        (0, found) => format!("核查发现 {found} 处错误"),
        (places, _) => format!("超额放号 {} 个", count(places)),
    };
    let halls = match (facts.halls, facts.halls_short) {
        (0, _) => "未模拟办理当天".to_owned(),
        (_, 0) => "各大厅运转顺畅".to_owned(),
        (1, _) => "大厅号源或窗口不足".to_owned(),
        (all, short) => format!("{all} 个大厅中有 {short} 个号源或窗口不足"),
    };
    let early = if finished { "" } else { "截至中断时，" };
    format!("{early}{served}，{audit}，{halls}。")
}

fn figure(figure: Figure) -> &'static str {
    match figure {
        Figure::Came => "前来的市民",
        Figure::Served => "约到号的市民",
        Figure::TurnedAway => "没有约到的市民",
        Figure::Taken => "约出的号",
        Figure::TakenShare => "号源约出比例",
        Figure::GoneAfter => "约满用时",
        Figure::PeakRequests => "最忙一秒的请求",
        Figure::PeakBookings => "最忙一秒的约到",
        Figure::BookingP99 => "预约用时（p99）",
        Figure::Faults => "服务器故障",
        Figure::Arrived => "到场的预约者",
        Figure::NoShows => "未到场",
        Figure::WalkIns => "未预约前来",
        Figure::WaitMean => "平均等候",
        Figure::WaitWorst => "最慢通道的等候（p90）",
        Figure::QueueMax => "最长队列人数",
        Figure::Utilisation => "窗口忙碌时间",
        Figure::Overtime => "下班后多久办完",
    }
}

fn call(call: &str) -> Option<&'static str> {
    Some(match call {
        "session" => "登录",
        "halls" => "查找附近大厅",
        "slots" => "查看日期",
        "recommendations" => "推荐时段",
        "page" => "看网页",
        "book" => "预约",
        "hold" => "占号",
        "confirm" => "确认",
        "cancel" => "取消",
        "reschedule" => "改约",
        "read" => "我的预约",
        _ => return None,
    })
}

fn band_note(note: &BandNote) -> String {
    let BandNote { start, booked, capacity, queue, busy, .. } = note;
    let waits = match (&note.wait_mean, &note.wait_p90) {
        (Some(mean), Some(p90)) => format!("平均等候 {mean} 分钟，p90 {p90} 分钟"),
        _ => CHINESE.nobody.to_owned(),
    };
    format!("{start}：已约 {booked} / {capacity}，{waits}，最长队列 {queue} 人，忙碌 {busy}")
}

fn advice_text(change: &Change, lane: &str) -> String {
    let desks_name = CHINESE.lane_name(lane);
    let unit = if lane == "kiosk" { "台" } else { "个" };
    match *change {
        Change::MorePlaces { places, desks, in_time, turned_away } => {
            let needed = format!("为此需增开 {} {unit}{desks_name}", count(desks.into()));
            let able = match (desks, in_time) {
                (0, _) => format!("现有{desks_name}可以按时办理。"),
                (_, 0) => format!("{needed}；现有{desks_name}无法按时多办。"),
                _ => format!("{needed}；现有{desks_name}每个时段可按时多办 {} 个。", count(in_time.into())),
            };
            let (places, turned_away) = (count(places.into()), count(turned_away.into()));
            format!("这里有 {turned_away} 人没有约到：每个时段增加 {places} 个号可满足所有人。{able}")
        }
        Change::MoreDesks { desks, wait_p90_min, then_p90_min } => format!(
            "增开 {} {unit}{desks_name}：九成人的等候时间从 {} 分钟降到 {} 分钟以内。",
            count(desks.into()),
            wait(wait_p90_min),
            wait(then_p90_min),
        ),
        Change::FewerDesks { desks, utilisation } => {
            format!("可减少 {} {unit}{desks_name}：目前忙碌时间只占 {}。", count(desks.into()), percent(utilisation))
        }
        Change::SparePlaces { places } => {
            format!("剩余 {} 个号无人预约：可以接纳其他大厅的市民。", count(places.into()))
        }
    }
}
