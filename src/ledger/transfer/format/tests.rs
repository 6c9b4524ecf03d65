use proptest::prelude::*;

use super::*;
use crate::domain::appointment::samples;
use crate::ledger::transfer::person::{CollectionInClear, FormInClear};

const HEADER: &str = r#"{"hallpass_export":2,"made_at":"2026-11-26T08:00:00Z","store":"embedded","keys":"0707070707070707070707070707070a","after":null,"revealed":false}"#;
const APPOINTMENT: &str = r#"{"appointment":{"id":"01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b","party":"01979a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2c","position":0,"code":"00000007","status":"held","service":"passport.renewal","document":"passport","slot":{"hall":"hangzhou-shi-crj","date":"2026-11-25","lane":"counter","start":"08:30","end":"09:00"},"starts_at":"2026-11-25T08:30:00+08:00","expires_at":"2026-11-22T02:25:30.123Z","applicant":"01010101010101010101010101010101","made_by":"02020202020202020202020202020202","created_at":"2026-11-22T02:15:30.123Z","updated_at":"2026-11-22T02:15:30.123Z","revision":0},"sealed":["AQID","BA=="]}"#;
const ANSWER: &str = r#"{"answer":{"at":"2026-11-22T02:15:30.123Z","repeat":{"owner":{"newcomer":"03030303030303030303030303030303"},"key":"07070707070707070707070707070707","call":"08080808080808080808080808080808"},"answer":{"text":"1763777730123"}}}"#;

fn held() -> Appointment {
    Appointment { mask: Mask::default(), ..samples::held() }
}

fn answer(answer: RememberedAnswer) -> Remembered {
    let owner = Some(Owner::Newcomer(PersonKey([3; 16])));
    Remembered { repeat: RepeatKey { owner, key: [7; 16], call: [8; 16] }, at: held().created_at, answer }
}

#[test]
fn lines_are_what_the_specification_says() {
    let mut line = Vec::new();
    let mut check = |write: &dyn Fn(&mut Vec<u8>), expected: &str| {
        write(&mut line);
        assert_eq!(std::str::from_utf8(&line).unwrap(), expected);
    };
    let made_at = "2026-11-26T08:00:00Z".parse().unwrap();
    let keys = [[7; 15].as_slice(), &[10]].concat().try_into().unwrap();
    let header = Header { hallpass_export: 2, made_at, store: "embedded".into(), keys, after: None, revealed: false };
    check(&|line| write_header(line, &header), HEADER);
    check(&|line| write_appointment(line, &samples::held(), &[&[1, 2, 3], &[4]], None), APPOINTMENT);
    check(&|line| write_answer(line, &answer(RememberedAnswer::Text("1763777730123".into()))), ANSWER);
    check(&|line| write_configuration(line, "2a6f"), r#"{"configuration":{"version":"2a6f"}}"#);
    let end = End { appointments: 1, answers: 2, contents: [255; 16], sha256: "00".into() };
    let text = r#"{"end":{"appointments":1,"answers":2,"contents":"ffffffffffffffffffffffffffffffff","sha256":"00"}}"#;
    check(&|line| write_end(line, &end), text);
    assert_eq!(read_line(text.as_bytes()), Ok(Line::End(end.clone())));
}

#[test]
fn an_extended_hold_says_so_and_nothing_else_does() {
    let extended = held().extended_by(chrono::TimeDelta::minutes(5), held().created_at);
    let mut line = Vec::new();
    write_appointment(&mut line, &extended, &[&[1, 2, 3], &[4]], None);
    let text = APPOINTMENT.replace(r#""2026-11-22T02:25:30.123Z""#, r#""2026-11-22T02:30:30.123Z","extended":true"#);
    assert_eq!(std::str::from_utf8(&line).unwrap(), text.replace(r#""revision":0"#, r#""revision":1"#));
    let Ok(Line::Appointment(carried)) = read_line(&line) else { panic!("{line:?}") };
    assert_eq!(carried.appointment, extended);
}

#[test]
fn a_person_in_clear_stands_behind_the_rest_and_is_passed_over() {
    let form = FormInClear { residence: None, emergency_contact: None, collection: Some(CollectionInClear::Counter) };
    let person = Person { name: "样本".into(), id_number: "330102199001010004".into(), phone: "1".into(), form };
    let mut line = Vec::new();
    write_appointment(&mut line, &held(), &[&[1, 2, 3], &[4]], Some(&person));
    let tail = r#","person":{"name":"样本","id_number":"330102199001010004","phone":"1","form":{"residence":null,"emergency_contact":null,"collection":{"method":"counter"}}}}"#;
    let text = format!("{}{tail}", APPOINTMENT.strip_suffix('}').unwrap());
    assert_eq!(std::str::from_utf8(&line).unwrap(), text);
    assert_eq!(read_line(&line), read_line(APPOINTMENT.as_bytes()));
}

#[test]
fn what_is_no_line_is_refused_in_words() {
    let wrong = |text: &str, words: &str| {
        let found = read_line(text.as_bytes()).expect_err(text);
        assert!(found.contains(words), "{text}: {found}");
    };
    wrong("", "EOF");
    wrong("{}", "members of any kind");
    wrong("[1]", "invalid");
    wrong(HEADER, "unknown field");
    wrong(&APPOINTMENT.replace(r#","sealed":["AQID","BA=="]"#, ""), "members of any kind");
    wrong(&APPOINTMENT.replace(r#""revision":0"#, r#""revision":0,"nickname":"x""#), "nickname");
    wrong(&APPOINTMENT.replace(r#","revision":0"#, ""), "revision");
    wrong(&APPOINTMENT.replace(r#""held""#, r#""lost""#), "lost");
    wrong(&APPOINTMENT.replace("08:30\",", "08:61\","), "HH:MM");
    wrong(&APPOINTMENT.replace("00000007", "U0000007"), "a code has");
    wrong(&APPOINTMENT.replace("0101010101", "01010101"), "32 hexadecimal");
    wrong(&APPOINTMENT.replace("01010101010101", "+1010101010101"), "32 hexadecimal");
    wrong(&APPOINTMENT.replace("AQID", "AQI"), "padding");
    wrong(&APPOINTMENT.replace("hangzhou-shi-crj", "Hangzhou"), "a name has");
    wrong(&ANSWER.replace("newcomer", "stranger"), "stranger");
    wrong(&ANSWER.replace("text", "told"), "told");
    wrong(
        &format!("{}{}", ANSWER.strip_suffix('}').unwrap(), &format!(",{}", &APPOINTMENT[1..])),
        "members of any kind",
    );
}

prop_compose! {
    fn instants()(ms in 0..253_402_300_799_999_i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap()
    }
}

prop_compose! {
    fn slots()(
        hall in "[a-z0-9.-]{1,64}",
        lane in "[a-z]{1,8}",
        day in 0..3_000_000,
        start in 0_u16..=1_440,
        length in 0_u16..=1_440,
    ) -> Slot {
        let midnight = WallTime::hm(0, 0);
        Slot {
            // Names are for ever, so that there must not be too many.
            hall: HallId::intern(&hall[..hall.len().min(1 + usize::from(start % 2))]).unwrap(),
            lane: LaneId::intern(&lane[..1]).unwrap(),
            date: NaiveDate::from_num_days_from_ce_opt(day).unwrap(),
            start: midnight.plus(start).unwrap(),
            end: midnight.plus(length).unwrap(),
        }
    }
}

prop_compose! {
    fn records()(
        (id, party, position, code) in (any::<u128>(), any::<u128>(), any::<u8>(), any::<u64>()),
        (status, slot, offset_min) in (0..7_usize, slots(), -1_439..1_439_i32),
        // Whatever the offset, the year has four digits.
        starts_at in (86_400_000..253_402_200_000_000_i64).prop_map(|ms| DateTime::from_timestamp_millis(ms).unwrap()),
        (created_at, updated_at) in (instants(), instants()),
        (expires_at, extended, revision) in (proptest::option::of(instants()), any::<bool>(), any::<u32>()),
        (applicant, made_by) in (any::<[u8; 16]>(), any::<[u8; 16]>()),
    ) -> Appointment {
        let offset = FixedOffset::east_opt(offset_min * 60).unwrap();
        Appointment {
            id: AppointmentId(uuid::Uuid::from_u128(id)),
            party: PartyId(uuid::Uuid::from_u128(party)),
            position,
            code: Code::from_random(code),
            status: Status::ALL[status],
            slot,
            starts_at: starts_at.with_timezone(&offset),
            expires_at,
            extended,
            applicant: PersonKey(applicant),
            made_by: PersonKey(made_by),
            created_at,
            updated_at,
            revision,
            ..held()
        }
    }
}

fn answers() -> impl Strategy<Value = RememberedAnswer> {
    prop_oneof![
        any::<String>().prop_map(RememberedAnswer::Text),
        any::<String>().prop_map(RememberedAnswer::Refused),
        (any::<bool>(), proptest::collection::vec(records(), 0..4))
            .prop_map(|(whole_party, after)| RememberedAnswer::Appointments { whole_party, after }),
    ]
}

fn owners() -> impl Strategy<Value = Option<Owner>> {
    let key = any::<[u8; 16]>().prop_map(PersonKey);
    proptest::option::of(prop_oneof![key.clone().prop_map(Owner::Person), key.prop_map(Owner::Newcomer)])
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        appointment in records(),
        sealed in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..3),
    ) {
        let mut line = Vec::new();
        let parts: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
        write_appointment(&mut line, &appointment, &parts, None);
        prop_assert!(!line.contains(&b'\n'));
        let sealed = sealed.into_iter().map(ByteBuf::from).collect();
        prop_assert_eq!(read_line(&line), Ok(Line::Appointment(Box::new(Carried { appointment, sealed }))));
    }

    #[test]
    fn an_answer_that_is_written_is_read_again(
        (at, owner, key, call, answer) in (instants(), owners(), any::<[u8; 16]>(), any::<[u8; 16]>(), answers()),
    ) {
        let remembered = Remembered { repeat: RepeatKey { owner, key, call }, at, answer };
        let mut line = Vec::new();
        write_answer(&mut line, &remembered);
        prop_assert!(!line.contains(&b'\n'));
        prop_assert_eq!(read_line(&line), Ok(Line::Answer(remembered)));
    }
}
