//! Standard output and standard error, written as well as it goes.
//!
//! What nobody can read is lost, and nothing else is: a reader that has gone, a full disk, or a pipe that nobody empties
//! never ends the process, never makes a caller wait, and never changes how a command ends. The log and every sentence for
//! an operator go through a queue to a thread of its own; what does not fit into the queue is left out, and the log says how
//! much as soon as it can. This is the only place that opens the two streams, which a lint holds (`clippy.toml`).

use std::collections::VecDeque;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// How many bytes wait at most to be written to standard error.
const MAX_QUEUED_BYTES: usize = 4 << 20;
/// How long an end waits at most until what was said last is written.
const END_PATIENCE: Duration = Duration::from_secs(1);

static STANDARD_ERROR: LazyLock<&'static Queue> = LazyLock::new(|| {
    let queue: &'static Queue = Box::leak(Box::default());
    // Without a thread nothing is written, and a full queue stays full: the process goes on all the same.
    let _ = thread::Builder::new().name("console".to_owned()).spawn(|| {
        let mut stream = standard_error();
        loop {
            queue.write_next_to(&mut stream);
        }
    });
    queue
});

/// Standard error without the lock that the standard library holds while it writes: a panic that is reported meanwhile
/// must not wait for a pipe that nobody empties.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn standard_error() -> Box<dyn Write + Send> {
    match io::stderr().as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(File::from(descriptor)),
        Err(_) => Box::new(io::stderr()),
    }
}

/// Writes to standard output what a command came to, and waits for its reader. Where there is none any more, the outcome
/// still stands in the exit code.
pub fn say(text: impl Display) {
    let mut output = standard_output();
    let _ = write!(output, "{text}").and_then(|()| output.flush());
}

/// Writes one line to standard output without waiting for its reader.
pub fn announce(line: &impl Display) {
    let line = format!("{line}\n");
    let _ = thread::Builder::new().name("console".to_owned()).spawn(move || say(line));
}

/// Writes one line to standard error.
pub fn complain(line: &impl Display) {
    STANDARD_ERROR.push(format!("{line}\n").into_bytes());
}

/// Waits until what was said to standard error is written, but not for long. The last thing that a process does.
pub fn settle() {
    STANDARD_ERROR.settle(END_PATIENCE);
}

/// Standard output for lines whose loss is a fault, which this reports.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn standard_output() -> io::StdoutLock<'static> {
    io::stdout().lock()
}

/// Standard error as a writer that never waits and never fails. What is written at once stays together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        STANDARD_ERROR.push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Texts on their way to a stream.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    texts: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Whether the thread is writing a text that it has taken.
    is_writing: bool,
    /// How many texts were left out since the log last said so.
    left_out: u64,
}

impl Queue {
    fn push(&self, text: Vec<u8>) {
        let mut waiting = self.waiting.lock();
        if waiting.bytes.saturating_add(text.len()) > MAX_QUEUED_BYTES {
            waiting.left_out += 1;
            return;
        }
        waiting.bytes += text.len();
        waiting.texts.push_back(text);
        debug_assert!(waiting.bytes <= MAX_QUEUED_BYTES);
        drop(waiting);
        self.changed.notify_all();
    }

    /// Waits for a text, and writes it.
    fn write_next_to(&self, stream: &mut impl Write) {
        let (text, left_out) = self.take();
        let mut lost = 0;
        if stream.write_all(&text).and_then(|()| stream.flush()).is_err() {
            lost = left_out + 1;
        } else if left_out > 0 && stream.write_all(gap(left_out).as_bytes()).is_err() {
            lost = left_out;
        }
        let mut waiting = self.waiting.lock();
        waiting.left_out += lost;
        waiting.is_writing = false;
        drop(waiting);
        self.changed.notify_all();
    }

    /// The next text, and how many were left out so far.
    fn take(&self) -> (Vec<u8>, u64) {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some(text) = waiting.texts.pop_front() {
                waiting.bytes -= text.len();
                waiting.is_writing = true;
                return (text, std::mem::take(&mut waiting.left_out));
            }
            self.changed.wait(&mut waiting);
        }
    }

    fn settle(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut waiting = self.waiting.lock();
        while waiting.is_writing || !waiting.texts.is_empty() {
            if self.changed.wait_until(&mut waiting, until).timed_out() {
                return;
            }
        }
    }
}

fn gap(texts: u64) -> String {
    format!("hallpass: {texts} lines of the log were left out while standard error took none\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A stream that takes one text for each word that it is given, and fails where the word is no.
    struct Gate {
        words: Receiver<bool>,
        taken: Arc<Mutex<String>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.words.recv().map_err(io::Error::other)? {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.taken.lock().push_str(&String::from_utf8_lossy(bytes));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is left in a stream of the texts that are pushed, `words` saying which are taken; the thread writes as many
    /// texts as `texts` says, and has ended.
    fn run(texts: usize, push: impl FnOnce(&Queue, &Sender<bool>)) -> String {
        let (queue, taken) = (Queue::default(), Arc::default());
        let (words, heard) = channel();
        let mut gate = Gate { words: heard, taken: Arc::clone(&taken) };
        thread::scope(|scope| {
            scope.spawn(|| (0..texts).for_each(|_| queue.write_next_to(&mut gate)));
            push(&queue, &words);
        });
        std::mem::take(&mut taken.lock())
    }

    #[test]
    fn a_stream_that_takes_nothing_makes_nobody_wait_and_the_log_says_what_is_missing() {
        let text = vec![b'x'; MAX_QUEUED_BYTES / 4];
        let taken = run(5, |queue, words| {
            queue.push(text.clone());
            // The thread has the first one and waits for a word.
            while !queue.waiting.lock().is_writing {
                thread::yield_now();
            }
            (0..10).for_each(|_| queue.push(text.clone()));
            assert_eq!(queue.waiting.lock().left_out, 6, "four fit");
            queue.settle(Duration::ZERO);
            (0..6).for_each(|_| words.send(true).unwrap());
        });
        assert_eq!(taken.bytes().filter(|byte| *byte == b'x').count(), 5 * text.len());
        assert_eq!(taken.matches("hallpass: ").count(), 1, "the gap is said once");
        assert!(taken.contains(&gap(6)), "with its size");
    }

    #[test]
    fn a_text_that_cannot_be_written_is_left_out_and_counted_and_the_next_one_is_written() {
        let taken = run(4, |queue, words| {
            for (text, is_taken) in [("one\n", true), ("two\n", false), ("three\n", false), ("four\n", true)] {
                words.send(is_taken).unwrap();
                queue.push(text.as_bytes().to_vec());
            }
            words.send(true).unwrap();
            queue.settle(Duration::from_mins(1));
        });
        assert_eq!(taken, format!("one\nfour\n{}", gap(2)));
    }
}
