//! Named scenarios, each in a separate process, with a time limit.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::support::wait_until;

/// The environment variable with the scenario's name for its process.
pub const NAME: &str = "SAC_HOSTILE_SCENARIO";
/// Much longer than any scenario takes on the slowest machine.
const TEST_TIMEOUT: Duration = Duration::from_secs(60);
/// The memory limit of a process, with its server.
const MAX_KIB: u64 = 64 * 1024;
/// The scenarios that run at the same time: most of them wait.
const CONCURRENCY: usize = 4;

/// A bad event, and its expected result.
pub struct Scenario {
    pub group: &'static str,
    pub name: String,
    run: Box<dyn Fn() -> String>,
    launcher: &'static [&'static str],
}

impl Scenario {
    /// `run` panics on a failure, and returns a summary.
    pub fn new(
        group: &'static str,
        name: impl Into<String>,
        run: impl Fn() -> String + 'static,
    ) -> Self {
        Self { group, name: name.into(), run: Box::new(run), launcher: &[] }
    }

    /// Starts the process with this command, as its last argument.
    pub fn under(self, launcher: &'static [&'static str]) -> Self {
        Self { launcher, ..self }
    }

    fn full_name(&self) -> String {
        format!("{}: {}", self.group, self.name)
    }
}

/// The result of a scenario.
struct Report {
    name: String,
    /// The summary, or the failure.
    outcome: Result<String, String>,
    elapsed: Duration,
}

/// Runs all scenarios, or in a scenario's process the named one.
pub fn main(scenarios: Vec<Scenario>) -> ExitCode {
    if let Ok(name) = std::env::var(NAME) {
        let scenario = scenarios.iter().find(|scenario| scenario.full_name() == name);
        return run_in_this_process(scenario.expect("no scenario has this name"));
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let names: HashSet<String> = scenarios.iter().map(Scenario::full_name).collect();
    assert_eq!(names.len(), scenarios.len(), "two scenarios have the same name");
    let chosen = |scenario: &&Scenario| {
        let name = scenario.full_name();
        words.is_empty() || words.iter().any(|word| name.contains(*word))
    };
    let jobs = scenarios
        .iter()
        .filter(chosen)
        .map(|scenario| Job { name: scenario.full_name(), launcher: scenario.launcher });
    let start = Instant::now();
    let reports = run_all(jobs.collect());
    let table = arguments.iter().any(|argument| argument == "--nocapture");
    summary(&reports, table, start.elapsed())
}

/// The summary of a scenario that cannot run here.
const SKIPPED: &str = "skipped";

/// Runs a scenario in this process.
fn run_in_this_process(scenario: &Scenario) -> ExitCode {
    let (descriptors, threads) = (count_proc_entries("fd"), count_proc_entries("task"));
    let Ok(what) = std::panic::catch_unwind(AssertUnwindSafe(|| (scenario.run)())) else {
        return ExitCode::FAILURE;
    };
    wait_until("all threads to end", || count_proc_entries("task") <= threads);
    let leaked = count_proc_entries("fd").saturating_sub(descriptors);
    assert_eq!(leaked, 0, "descriptors are still open");
    println!("{what} | {} KiB", peak());
    ExitCode::SUCCESS
}

fn count_proc_entries(folder: &str) -> usize {
    fs::read_dir(format!("/proc/self/{folder}")).unwrap().count()
}

/// The peak memory of this process in KiB.
fn peak() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim_end_matches("kB").trim().parse().unwrap()
}

/// A scenario that waits for its process.
struct Job {
    name: String,
    launcher: &'static [&'static str],
}

fn run_all(jobs: Vec<Job>) -> Vec<Report> {
    let (waiting, reports) = (Mutex::new(jobs), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                loop {
                    let Some(job) = waiting.lock().unwrap().pop() else { return };
                    let report = run(job);
                    reports.lock().unwrap().push(report);
                }
            });
        }
    });
    reports.into_inner().unwrap()
}

fn run(job: Job) -> Report {
    let start = Instant::now();
    let program = std::env::current_exe().unwrap();
    let mut command = match job.launcher {
        [] => Command::new(program),
        [launcher, arguments @ ..] => {
            let mut command = Command::new(launcher);
            command.args(arguments).arg(program);
            command
        }
    };
    let child = command
        .env(NAME, &job.name)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let outcome = watch(child).and_then(within_memory);
    Report { name: job.name, outcome, elapsed: start.elapsed() }
}

/// The summary of the process, unless it takes too long or fails.
fn watch(mut child: Child) -> Result<String, String> {
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (sender, end_of_output) = channel();
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = err.read_to_string(&mut text);
        text
    });
    let listener = std::thread::spawn(move || {
        let mut outcome = String::new();
        let _ = out.read_to_string(&mut outcome);
        let _ = sender.send(());
        outcome
    });
    let in_time = end_of_output.recv_timeout(TEST_TIMEOUT).is_ok();
    if !in_time {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let (outcome, errors) = (listener.join().unwrap(), errors.join().unwrap());
    let errors: String = errors.chars().take(4096).collect();
    if !in_time {
        return Err(format!("it did not end within {TEST_TIMEOUT:?}\n{errors}"));
    }
    if !status.success() {
        return Err(format!("{status}\n{outcome}{errors}"));
    }
    Ok(outcome.trim_end().to_owned())
}

fn within_memory(outcome: String) -> Result<String, String> {
    let peak = outcome.rsplit_once("| ").and_then(|(_, peak)| peak.strip_suffix(" KiB"));
    let peak: u64 = peak.and_then(|peak| peak.parse().ok()).unwrap_or(u64::MAX);
    if peak > MAX_KIB {
        return Err(format!("it used more than {MAX_KIB} KiB of memory: {outcome}"));
    }
    Ok(outcome)
}

fn summary(reports: &[Report], table: bool, elapsed: Duration) -> ExitCode {
    let sorted: BTreeMap<&str, &Report> =
        reports.iter().map(|report| (report.name.as_str(), report)).collect();
    let mut failed = 0;
    for (name, report) in sorted {
        match &report.outcome {
            Ok(what) if what.starts_with(SKIPPED) => println!("{name}: {what}"),
            Ok(what) if table => println!("{name}  →  {what}, {} ms", report.elapsed.as_millis()),
            Ok(_) => {}
            Err(why) => {
                failed += 1;
                println!("FAILED {name}: {why}");
            }
        }
    }
    let (count, seconds) = (reports.len(), elapsed.as_secs_f64());
    println!(
        "hostile: {count} scenarios, {} passed, {failed} failed, {seconds:.1} s",
        count - failed
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
