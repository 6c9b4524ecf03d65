//! The description of the API, and a strict look at whether calls and answers are as it says.
//!
//! Stricter than JSON Schema: a member that is not described is a misfit, and so is a keyword that this file does not
//! know, so that nothing of the description goes unchecked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hallpass::api::routes;
use serde_json::Value;

use super::heard::Heard;

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let text = routes::api().into_openapi().to_json().unwrap();
    Description(serde_json::from_str(&text).unwrap())
});

/// The description; the same for all servers, since it is made from the code. That it is what `/openapi.json` serves has
/// a test of its own.
pub fn description() -> &'static Description {
    &DESCRIPTION
}

/// An `OpenAPI` document.
pub struct Description(pub Value);

/// What does not fit, and where.
type Fit = Result<(), String>;

impl Description {
    /// The pattern that a path fits, and its operations; none where there is none.
    fn item(&self, path: &str) -> Option<(&str, &Value)> {
        let fits = |pattern: &&String| {
            let (parts, segments) = (pattern.split('/'), path.split('/'));
            parts.clone().count() == segments.clone().count()
                && parts
                    .zip(segments)
                    .all(|(part, segment)| part == segment || (part.starts_with('{') && !segment.is_empty()))
        };
        let paths = self.0["paths"].as_object().unwrap();
        let pattern = paths.keys().filter(fits).min_by_key(|pattern| pattern.matches('{').count())?;
        Some((pattern, &paths[pattern]))
    }

    /// Whether a call and its answer are described. Calls of what is not there are described by the text at the top.
    pub fn judge(&self, method: &str, path: &str, sent: Option<&Value>, heard: &Heard) -> Fit {
        let method = if method == "HEAD" { "get" } else { &method.to_lowercase() };
        let Some(operation) = self.item(path).and_then(|(_, item)| item.get(method)) else {
            // A head that is too large, and a server that starts, are told before anything is looked for.
            let is_there = !matches!(heard.status, 404 | 405 | 414 | 431 | 503);
            return if is_there { Err("answered, but not described".into()) } else { Ok(()) };
        };
        if matches!(heard.status, 414 | 431) {
            return Ok(());
        }
        let answer = &operation["responses"][heard.status.to_string()];
        if answer.is_null() {
            return Err("the status is not described".into());
        }
        self.judge_body(answer, heard)?;
        match (sent, operation.get("requestBody")) {
            (Some(sent), Some(body)) if heard.status < 300 => {
                self.fits(&body["content"]["application/json"]["schema"], sent, "the call")
            }
            (Some(sent), None) if heard.status < 300 && *sent != serde_json::json!({}) => {
                Err("a body that is not described was taken".into())
            }
            _ => Ok(()),
        }
    }

    fn judge_body(&self, answer: &Value, heard: &Heard) -> Fit {
        let kind = heard.header("content-type").split(';').next().unwrap_or_default();
        let schema = &answer["content"][kind]["schema"];
        if schema.is_null() {
            return Err(format!("the content type {kind:?} is not described"));
        }
        if heard.code() != "" && !answer["content"][kind]["examples"][heard.code()].is_object() {
            return Err(format!("the code {} is not described", heard.code()));
        }
        if heard.body.is_null() { Ok(()) } else { self.fits(schema, &heard.body, "the answer") }
    }

    /// What a reference leads to; a schema without one is itself.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(target) => self.0.pointer(&target[1..]).unwrap_or_else(|| panic!("{target} leads nowhere")),
            None => schema,
        }
    }

    /// Whether a value is what a schema says.
    pub fn fits(&self, schema: &Value, value: &Value, at: &str) -> Fit {
        let schema = self.resolved(schema);
        let rules = schema.as_object().ok_or_else(|| format!("{at}: no schema"))?;
        for (keyword, rule) in rules {
            let fits = match keyword.as_str() {
                "type" => fits_type(rule, value),
                "enum" => rule.as_array().unwrap().contains(value),
                "pattern" => value.as_str().is_none_or(|text| fits_pattern(rule.as_str().unwrap(), text)),
                "format" => value.is_null() || fits_format(rule.as_str().unwrap(), value),
                "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
                "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap()),
                "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap()),
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
                "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap()),
                "items" => {
                    let items = value.as_array().map_or(&[][..], Vec::as_slice);
                    items
                        .iter()
                        .enumerate()
                        .try_for_each(|(place, item)| self.fits(rule, item, &format!("{at}/{place}")))?;
                    true
                }
                "oneOf" => {
                    let schemas = rule.as_array().unwrap().iter();
                    schemas.filter(|schema| self.fits(schema, value, at).is_ok()).count() == 1
                }
                // The first line is read as a whole below, the second is for people.
                "properties"
                | "required"
                | "allOf"
                | "additionalProperties"
                | "propertyNames"
                | "description"
                | "example"
                | "examples"
                | "default"
                | "title" => true,
                other => return Err(format!("{at}: the keyword {other} is not known here")),
            };
            if !fits {
                return Err(format!("{at}: {value} does not fit {keyword} {rule}"));
            }
        }
        self.fits_members(schema, value, at)
    }

    /// Whether an object has all members that are required, and none that is not described.
    fn fits_members(&self, schema: &Value, value: &Value, at: &str) -> Fit {
        let Some(object) = value.as_object() else { return Ok(()) };
        let mut described = BTreeMap::new();
        let mut required = Vec::new();
        self.collect(schema, &mut described, &mut required);
        if described.is_empty() && schema.get("oneOf").is_some() {
            return Ok(());
        }
        if let Some(missing) = required.into_iter().find(|name| !object.contains_key(*name)) {
            return Err(format!("{at}: {missing} is missing"));
        }
        for (name, member) in object {
            let schema = match (described.get(name.as_str()).copied(), schema.get("additionalProperties")) {
                (Some(schema), _) | (None, Some(schema)) => schema,
                (None, None) if schema.get("properties").or(schema.get("allOf")).is_none() => return Ok(()),
                (None, None) => return Err(format!("{at}: {name} is not described")),
            };
            self.fits(schema, member, &format!("{at}/{name}"))?;
        }
        Ok(())
    }

    /// The members of a schema and of all that it is made of.
    fn collect<'a>(
        &'a self,
        schema: &'a Value,
        described: &mut BTreeMap<&'a str, &'a Value>,
        required: &mut Vec<&'a str>,
    ) {
        let schema = self.resolved(schema);
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            described.insert(name, member);
        }
        required.extend(schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.collect(part, described, required);
        }
    }
}

fn fits_type(rule: &Value, value: &Value) -> bool {
    let fits = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type is called {other}"),
    };
    match rule {
        Value::Array(names) => names.iter().any(|name| fits(name.as_str().unwrap())),
        name => fits(name.as_str().unwrap()),
    }
}

/// The patterns that the description uses, written out.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match pattern {
        "^[0-9]{6}$" => text.len() == 6 && digits(text),
        "^[0-9]{17}[0-9Xx]$" => {
            text.len() == 18 && digits(&text[..17]) && text.ends_with(|c| "0123456789Xx".contains(c))
        }
        r"^(\+86|0086)?1[3-9][0-9]{9}$" => {
            let number = text.strip_prefix("+86").or(text.strip_prefix("0086")).unwrap_or(text);
            number.len() == 11
                && digits(number)
                && number.starts_with('1')
                && !matches!(number.as_bytes()[1], b'0'..=b'2')
        }
        "^(wgs84|gcj02|bd09)$" => matches!(text, "wgs84" | "gcj02" | "bd09"),
        "^[A-Za-z0-9_-]{22}$" => {
            text.len() == 22 && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c))
        }
        "^[!-~]+$" => !text.is_empty() && text.bytes().all(|c| c.is_ascii_graphic()),
        "^(counter|post)$" => matches!(text, "counter" | "post"),
        "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" => text.parse::<hallpass::domain::wall::WallTime>().is_ok(),
        other => panic!("the pattern {other} is not known here"),
    }
}

fn fits_format(format: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match format {
        "date" => text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok(),
        "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        "uuid" => text.len() == 36 && text.parse::<uuid::Uuid>().is_ok_and(|id| id.get_version_num() == 7),
        "int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "int64" | "double" => value.is_number(),
        other => panic!("the format {other} is not known here"),
    }
}

#[test]
fn a_misfit_is_seen() {
    let schema = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let check = |rules: &str, value: &str, fits: bool| {
        assert_eq!(description().fits(&schema(rules), &schema(value), "").is_ok(), fits, "{rules} {value}");
    };
    let object = r#"{"type":"object","required":["a"],"properties":{"a":{"type":["string","null"]}}}"#;
    check(object, r#"{"a":"x"}"#, true);
    check(object, r#"{"a":null}"#, true);
    check(object, "{}", false);
    check(object, r#"{"a":1}"#, false);
    check(object, r#"{"a":"x","b":1}"#, false);
    let whole = format!(r#"{{"allOf":[{object},{{"type":"object","properties":{{"b":{{"type":"integer"}}}}}}]}}"#);
    check(&whole, r#"{"a":"x","b":1}"#, true);
    check(&whole, r#"{"a":"x","b":1.5}"#, false);
    check(&whole, r#"{"a":"x","c":1}"#, false);
    check(r##"{"$ref":"#/components/schemas/WallTime"}"##, r#""08:30""#, true);
    check(r##"{"$ref":"#/components/schemas/WallTime"}"##, r#""8:30""#, false);
    check(r##"{"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/WallTime"}]}"##, "null", true);
    check(r##"{"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/WallTime"}]}"##, "1", false);
    check(r#"{"type":"array","items":{"type":"string"}}"#, r#"["a",1]"#, false);
    check(r#"{"unheard_of":1}"#, "1", false);
}
