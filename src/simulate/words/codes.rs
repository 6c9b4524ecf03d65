//! What the codes of answers mean to somebody who has not read the API.

use super::Language;

/// What a code means; none where it is not known.
pub(super) fn meaning(code: &str, language: Language) -> Option<&'static str> {
    let (_, chinese, english) = MEANINGS.iter().find(|(known, ..)| *known == code)?;
    Some(match language {
        Language::Chinese => chinese,
        Language::English => english,
    })
}

/// Code, Chinese, English.
const MEANINGS: [(&str, &str, &str); 33] = [
    ("ok", "成功", "Done"),
    ("connection_lost", "连接中断", "Connection lost"),
    ("malformed_request", "请求格式有误", "The request is malformed"),
    ("unauthenticated", "未登录或登录已失效", "The caller is not known"),
    ("forbidden", "无权操作", "The caller may not do this"),
    ("not_found", "地址不存在", "There is nothing at this path"),
    ("unknown_hall", "大厅不存在", "The hall is not known"),
    ("unknown_service", "业务不存在", "The service is not known"),
    ("unknown_appointment", "预约不存在", "The appointment is not known"),
    ("method_not_allowed", "方法不允许", "The path does not take this method"),
    ("slot_full", "该时段已约满", "The band is full"),
    ("already_booked", "申请人已有预约", "The applicant already has an appointment"),
    ("too_many_active", "有效预约过多", "Too many appointments made"),
    ("wrong_state", "预约当前状态不允许", "The state of the appointment does not allow this"),
    ("hold_expired", "占号已过期", "The hold has ended"),
    ("idempotency_mismatch", "重复请求的内容不一致", "A repeat with other content"),
    ("too_large", "请求过大", "The request is too large"),
    ("unsupported_media_type", "内容类型不支持", "The body is not JSON"),
    ("same_day", "不可约当天", "The same day cannot be booked"),
    ("past", "日期已过", "The date has passed"),
    ("beyond_window", "超出预约期限", "The date is too far away"),
    ("not_released", "当日尚未放号", "The day has not opened yet"),
    ("holiday", "节假日不办公", "Closed for a public holiday"),
    ("closed", "当日不办公", "The hall is closed"),
    ("no_such_band", "没有该时段", "No band starts at this time"),
    ("service_not_offered", "该大厅不办理此业务", "The hall does not offer the service"),
    ("party_too_large", "同行人数过多", "The party is too large"),
    ("duplicate_applicant", "申请人重复", "An applicant stands twice in the party"),
    ("invalid_field", "字段有误", "A field is invalid"),
    ("too_many_requests", "请求过于频繁", "Too many requests"),
    ("internal", "服务器出错", "The server has failed"),
    ("overloaded", "服务器繁忙", "The server is busy"),
    ("read_only", "暂停办理", "Nothing can be changed at the moment"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::problem::Code;

    #[test]
    fn every_code_of_the_api_has_a_meaning_in_both_languages() {
        for code in Code::ALL {
            for language in Language::ALL {
                assert!(meaning(code.as_str(), language).is_some_and(|text| !text.is_empty()), "{}", code.as_str());
            }
        }
        assert_eq!(meaning("no such code", Language::English), None);
    }
}
