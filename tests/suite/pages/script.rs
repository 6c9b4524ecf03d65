//! The scripts that a test runs in a page to read it. They find what a person finds: what is seen, by its words.

/// Words as they are compared, what is seen, and how a control is called. Put before the other scripts.
const WORDS: &str = r"
const words = text => (text ?? '').replace(/\s+/g, ' ').trim();
const isSeen = it => it.checkVisibility({ visibilityProperty: true }) && it.getClientRects().length > 0;
const names = it => [it.getAttribute('aria-label'), it.innerText, it.value, it.title, it.alt].map(words);
";

/// `arguments[0]` is a selector, or the words on something to click. Whole words win over a part of them, and what
/// comes first on the page wins over what comes later.
const CONTROL: &str = r"
const [wanted, isSelector] = arguments;
if (isSelector) return [...document.querySelectorAll(wanted)].find(isSeen);
const kinds = 'a[href], button, summary, label, input[type=submit], input[type=button], [role=button], [role=tab]';
const all = [...document.querySelectorAll(kinds)].filter(isSeen);
const goal = words(wanted);
return all.find(it => names(it).includes(goal)) ?? all.find(it => names(it).some(name => name.includes(goal)));
";

/// The field with a name.
const FIELD: &str = "
return [...document.getElementsByName(arguments[0])].find(isSeen);
";

/// Sets `arguments[0]`, where it is a field of a date or a time, to `arguments[1]`, and answers whether it is one. What
/// is typed there would depend on the language.
pub const SET_DATE: &str = "
const [field, value] = arguments;
if (!['date', 'month', 'week', 'time', 'datetime-local'].includes(field.type)) return false;
field.value = value;
for (const event of ['input', 'change']) field.dispatchEvent(new Event(event, { bubbles: true }));
return true;
";

/// What a person clicks to choose a value: an option, or the label, or the button itself; `true` where it is chosen.
const CHOICE: &str = r"
const [name, value] = arguments;
for (const field of document.getElementsByName(name)) {
    if (field.options) {
        const option = [...field.options].find(option => option.value === value);
        if (option) return option.selected ? true : option;
    } else if (field.value === value && ['radio', 'checkbox'].includes(field.type)) {
        return field.checked ? true : [...field.labels, field].find(isSeen);
    }
}
";

/// How what has the focus is called: by its label, or by its own words.
const FOCUS: &str = "
const it = document.activeElement;
if (!it || it === document.body) return '';
return [words(it.labels?.[0]?.innerText), ...names(it), it.name, it.id, it.localName].find(name => name);
";

/// Where the page scrolls sideways: how wide it is, and everything that reaches past the side of the screen.
const OVERFLOW: &str = r"
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= width) return '';
const isWide = it => isSeen(it) && it.getBoundingClientRect().right > width + 1;
const wide = [...document.body.querySelectorAll('*')].filter(isWide).map(it => it.outerHTML.slice(0, 120));
return `${document.documentElement.scrollWidth} px on ${width} px: ${wide.join('\n')}`;
";

/// What is clicked and smaller than `arguments[0]` px either way. A link within a sentence may be, and so may what has
/// a label that is large enough.
const SMALL: &str = r"
const [least] = arguments;
const small = it => Math.min(it.getBoundingClientRect().width, it.getBoundingClientRect().height) < least;
const kinds = 'a[href], button, summary, select, textarea, input:not([type=hidden]), [role=button], [role=tab]';
return [...document.querySelectorAll(kinds)].filter(isSeen).filter(small)
    .filter(it => !(it.localName === 'a' && getComputedStyle(it).display === 'inline' && it.closest('p, dd, li, td')))
    .filter(it => ![...(it.labels ?? [])].some(label => isSeen(label) && !small(label)))
    .map(it => it.outerHTML.slice(0, 120)).join('\n');
";

/// What to find out.
#[derive(Debug, Clone, Copy)]
pub enum Question {
    Control,
    Field,
    Choice,
    Focus,
    Overflow,
    Small,
}

impl Question {
    /// The script that answers.
    pub fn script(self) -> String {
        let question = match self {
            Self::Control => CONTROL,
            Self::Field => FIELD,
            Self::Choice => CHOICE,
            Self::Focus => FOCUS,
            Self::Overflow => OVERFLOW,
            Self::Small => SMALL,
        };
        format!("{WORDS}{question}")
    }
}

/// Whether a target is a selector: it begins with `#`, `.` or `[`. Anything else is words.
pub fn is_selector(target: &str) -> bool {
    target.starts_with(['#', '.', '['])
}

/// Words as they are compared, without regard to where lines break.
pub fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
