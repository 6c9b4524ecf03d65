//! What a person does at a browser: clicks, fills in, chooses, presses keys. Each waits until it can be done.

use serde_json::{Value, json};

use super::browser::Browser;
use super::driver::{Element, Fault};
use super::script::{Question, SET_DATE, is_selector};

/// A key that is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Tab,
    /// Tab with the shift key, backwards.
    BackTab,
    Enter,
    Escape,
    Space,
    Down,
    Up,
}

/// The shift key, in the standard's table of keys.
const SHIFT: &str = "\u{E008}";

impl Key {
    /// The keys that are down together, in the standard's table of keys.
    fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Tab => &["\u{E004}"],
            Self::BackTab => &[SHIFT, "\u{E004}"],
            Self::Enter => &["\u{E007}"],
            Self::Escape => &["\u{E00C}"],
            Self::Space => &[" "],
            Self::Down => &["\u{E015}"],
            Self::Up => &["\u{E013}"],
        }
    }
}

impl Browser {
    /// Clicks a link, a button or a label by its words, or the first thing that a selector (`#…`, `.…` or `[…]`) finds.
    pub async fn click(&self, target: &str) {
        let wanted = json!([target, is_selector(target)]);
        self.until(&format!("click {target:?}"), async || self.click_found(Question::Control, &wanted).await).await;
    }

    /// Clicks the answer to a question. Done, too, where the answer is that it is done.
    async fn click_found(&self, question: Question, wanted: &Value) -> Result<Option<()>, Fault> {
        let answer = self.session.run(&question.script(), wanted).await?;
        if answer == true {
            return Ok(Some(()));
        }
        let Some(found) = Element::from_answer(&answer) else { return Ok(None) };
        self.session.to(&found, "click", &json!({})).await?;
        self.effort.lock().taps += 1;
        Ok(Some(()))
    }

    /// Types a value into the field with this name, instead of what is there.
    pub async fn fill(&self, name: &str, value: &str) {
        let what = format!("fill in {name:?}");
        self.effort.lock().typed += 1;
        self.until(&what, async || {
            let answer = self.session.run(&Question::Field.script(), &json!([name])).await?;
            let Some(field) = Element::from_answer(&answer) else { return Ok(None) };
            if self.session.run(SET_DATE, &json!([field.to_argument(), value])).await? == true {
                return Ok(Some(()));
            }
            self.session.to(&field, "clear", &json!({})).await?;
            self.session.to(&field, "value", &json!({ "text": value })).await?;
            Ok(Some(()))
        })
        .await;
    }

    /// Chooses a value, as the form sends it, among radio buttons, checkboxes or options with this name.
    pub async fn choose(&self, name: &str, value: &str) {
        // A list is opened first.
        let is_list = format!("return document.getElementsByName({name:?})[0]?.localName === 'select'");
        let is_list = self.script(&is_list).await == true;
        self.effort.lock().taps += u32::from(is_list);
        let what = format!("choose {value:?} as {name:?}");
        self.until(&what, async || self.click_found(Question::Choice, &json!([name, value])).await).await;
    }

    /// Goes to the page before, as the button of the browser does.
    pub async fn go_back(&self) {
        self.session.post("/back", &json!({})).await.unwrap_or_else(|fault| panic!("no way back: {fault}"));
    }

    /// Goes to the page after, as the button of the browser does.
    pub async fn go_forward(&self) {
        self.session.post("/forward", &json!({})).await.unwrap_or_else(|fault| panic!("no way forward: {fault}"));
    }

    /// Loads the page again, as the button of the browser does.
    pub async fn refresh(&self) {
        self.session.post("/refresh", &json!({})).await.unwrap_or_else(|fault| panic!("not loaded again: {fault}"));
    }

    /// What stands in the field with this name.
    pub async fn typed(&self, name: &str) -> String {
        let value = self.script(&format!("return document.getElementsByName('{name}')[0]?.value ?? null")).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Presses a key and lets it go, wherever the focus is.
    pub async fn press(&self, key: Key) {
        let down = key.codes().iter().map(|code| json!({ "type": "keyDown", "value": code }));
        let up = key.codes().iter().rev().map(|code| json!({ "type": "keyUp", "value": code }));
        self.strike(down.chain(up).collect()).await;
    }

    /// Types text wherever the focus is, as a scanner of codes does.
    pub async fn write(&self, text: &str) {
        let letters = text.chars().flat_map(|letter| {
            let letter = letter.to_string();
            [json!({ "type": "keyDown", "value": letter }), json!({ "type": "keyUp", "value": letter })]
        });
        self.strike(letters.collect()).await;
    }

    async fn strike(&self, strokes: Vec<Value>) {
        let keyboard = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.session.post("/actions", &keyboard).await.unwrap_or_else(|fault| panic!("no key is pressed: {fault}"));
    }

    /// Goes on by one tabulator, and tells what has the focus then.
    pub async fn tab(&self) -> String {
        self.press(Key::Tab).await;
        self.focus().await
    }

    /// How what has the focus is called: by its label, or by its own words. Empty where nothing has it.
    pub async fn focus(&self) -> String {
        self.answer(Question::Focus, &json!([])).await
    }
}
