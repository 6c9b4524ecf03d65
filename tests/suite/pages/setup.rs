//! Which browser a test wants: its screen, its language, what it can do and what its person has set.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::browser::Browser;
use super::driver::Session;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where the browser says it is.
#[derive(Debug, Clone, Copy)]
enum Whereabouts {
    /// It would ask its person, who never answers.
    Unasked,
    Refused,
    Told {
        latitude: f64,
        longitude: f64,
    },
}

/// A browser that is not open yet: `Browser::phone().dark().at(app.door.address()).await`.
#[derive(Debug, Clone)]
pub struct Setup {
    width_px: u32,
    height_px: u32,
    phone: bool,
    language: String,
    text_px: u32,
    script: bool,
    media: Vec<(&'static str, &'static str)>,
    whereabouts: Whereabouts,
    line_bytes_per_s: Option<u32>,
    camera: Option<PathBuf>,
    pub(super) patience: Duration,
}

impl Setup {
    /// A phone, held upright, that is touched.
    pub(super) fn phone() -> Self {
        Self { width_px: 390, height_px: 844, phone: true, ..Self::desktop() }
    }

    pub(super) fn desktop() -> Self {
        Self {
            width_px: 1440,
            height_px: 900,
            phone: false,
            language: "zh-CN".to_owned(),
            text_px: 16,
            script: true,
            media: Vec::new(),
            whereabouts: Whereabouts::Unasked,
            line_bytes_per_s: None,
            camera: None,
            patience: PATIENCE,
        }
    }

    /// A screen of another width, such as the 320 px that every page must fit.
    pub fn width(self, width_px: u32) -> Self {
        Self { width_px, ..self }
    }

    /// The language that the person prefers, such as `zh-TW`; `zh-CN` where nothing is said.
    pub fn language(self, tag: &str) -> Self {
        Self { language: tag.to_owned(), ..self }
    }

    /// No script of a page runs. The test's own scripts do, all but promises and timers.
    pub fn without_script(self) -> Self {
        Self { script: false, ..self }
    }

    /// Text at 200 %.
    pub fn large_text(self) -> Self {
        Self { text_px: 32, ..self }
    }

    pub fn dark(self) -> Self {
        self.media("prefers-color-scheme", "dark")
    }

    pub fn reduced_motion(self) -> Self {
        self.media("prefers-reduced-motion", "reduce")
    }

    pub fn forced_colors(self) -> Self {
        self.media("forced-colors", "active")
    }

    fn media(mut self, feature: &'static str, value: &'static str) -> Self {
        self.media.push((feature, value));
        self
    }

    /// The person lets the browser say where it is: here, in degrees of WGS 84.
    pub fn located(self, latitude: f64, longitude: f64) -> Self {
        Self { whereabouts: Whereabouts::Told { latitude, longitude }, ..self }
    }

    /// The person does not let the browser say where it is.
    pub fn unlocated(self) -> Self {
        Self { whereabouts: Whereabouts::Refused, ..self }
    }

    /// A line that brings this many bytes a second, each answer 300 ms late.
    pub fn slow_line(self, bytes_per_s: u32) -> Self {
        Self { line_bytes_per_s: Some(bytes_per_s), ..self }
    }

    /// There is a camera, which the person lets the pages use. It shows a film in the format Y4M, again and again.
    pub fn camera(self, film: &Path) -> Self {
        Self { camera: Some(film.to_owned()), ..self }
    }

    /// Waits less or more than ten seconds for what must come.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Opens the browser for the pages of a server. Whoever needs two at once asks for `Browser::pair`.
    pub async fn at(self, server: SocketAddr) -> Browser {
        Browser::open(self, server).await
    }

    /// What is asked of the driver when it opens the browser.
    pub(super) fn capabilities(&self) -> Value {
        let mut preferences = json!({
            "intl.accept_languages": self.language,
            "webkit.webprefs.default_font_size": self.text_px,
        });
        if !self.script {
            // 2 blocks.
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        // The tests run as root, often in a container whose `/dev/shm` is small.
        let flags = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
        let mut flags = flags.map(str::to_owned).to_vec();
        flags.push(format!("--lang={}", self.language));
        if let Some(film) = &self.camera {
            flags.push("--use-fake-ui-for-media-stream".to_owned());
            flags.push("--use-fake-device-for-media-stream".to_owned());
            flags.push(format!("--use-file-for-fake-video-capture={}", film.display()));
        }
        json!({
            "browserName": "chrome",
            "timeouts": { "pageLoad": 30_000, "script": 30_000 },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": {
                "binary": "/usr/bin/chromium",
                "args": flags,
                "prefs": preferences,
            },
        })
    }

    /// Sets what can only be set in an open browser.
    pub(super) async fn complete(&self, session: &Session, base: &str) {
        // Not by the driver's own way to a phone: its touch never ends where a page may run no script.
        let mut commands = vec![
            (
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": self.width_px, "height": self.height_px, "mobile": self.phone,
                    "deviceScaleFactor": if self.phone { 2 } else { 1 },
                }),
            ),
            ("Emulation.setTouchEmulationEnabled", json!({ "enabled": self.phone })),
            ("Emulation.setTimezoneOverride", json!({ "timezoneId": "Asia/Shanghai" })),
        ];
        if !self.media.is_empty() {
            let features: Vec<_> =
                self.media.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            commands.push(("Emulation.setEmulatedMedia", json!({ "features": features })));
        }
        if let Some(bytes_per_s) = self.line_bytes_per_s {
            let line = json!({
                "offline": false, "latency": 300,
                "downloadThroughput": bytes_per_s, "uploadThroughput": bytes_per_s,
            });
            commands.push(("Network.emulateNetworkConditions", line));
        }
        let permit =
            |setting: &str| json!({ "permission": { "name": "geolocation" }, "setting": setting, "origin": base });
        match self.whereabouts {
            Whereabouts::Unasked => {}
            Whereabouts::Refused => commands.push(("Browser.setPermission", permit("denied"))),
            Whereabouts::Told { latitude, longitude } => {
                let place = json!({ "latitude": latitude, "longitude": longitude, "accuracy": 10 });
                commands.push(("Browser.setPermission", permit("granted")));
                commands.push(("Emulation.setGeolocationOverride", place));
            }
        }
        for (command, parameters) in commands {
            session.chromium(command, &parameters).await.unwrap_or_else(|fault| panic!("{command}: {fault}"));
        }
    }
}
