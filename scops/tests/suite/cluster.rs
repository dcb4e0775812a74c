//! Real scops processes on free ports of this machine, ended when the test is over.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// Time for a process to say that it listens; debug builds on a busy machine are slow to start.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// How queries are executed. All must give the same answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One process without workers.
    Embedded,
    /// One process with three workers that exchange encoded plans.
    InProcessWorkers,
    /// A coordinator and three worker processes.
    WorkerProcesses,
}

pub(crate) const MODES: [Mode; 3] = [Mode::Embedded, Mode::InProcessWorkers, Mode::WorkerProcesses];
pub(crate) const WORKERS: usize = 3;

/// Environment of all processes of a cluster.
pub(crate) type Environment = Vec<(String, String)>;

pub(crate) struct Cluster {
    pub(crate) flight: String,
    pub(crate) workers: Vec<Process>,
    _front: Process,
    _data_dir: tempfile::TempDir,
}

impl Cluster {
    /// Starts the processes and waits until they serve. Even tiny scans are distributed.
    pub(crate) fn start(mode: Mode, environment: &Environment) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let mut environment = environment.clone();
        environment.push(("SCOPS_COORDINATOR__DISTRIBUTE_FROM_BYTES".into(), "1".into()));
        match mode {
            Mode::Embedded => Self::serve(data_dir, 0, &environment),
            Mode::InProcessWorkers => Self::serve(data_dir, WORKERS, &environment),
            Mode::WorkerProcesses => Self::processes(data_dir, &environment),
        }
    }

    fn serve(data_dir: tempfile::TempDir, workers: usize, environment: &Environment) -> Self {
        let workers = workers.to_string();
        let folder = data_dir.path().to_str().unwrap().to_owned();
        let arguments = [
            "serve",
            "--data-dir",
            &folder,
            "--workers",
            &workers,
            "--listen",
            "127.0.0.1:0",
            "--flight-listen",
            "127.0.0.1:0",
        ];
        let front = Process::start(&arguments, environment);
        let flight = front.wait_for("flight_sql=");
        Self { flight, workers: Vec::new(), _front: front, _data_dir: data_dir }
    }

    fn processes(data_dir: tempfile::TempDir, environment: &Environment) -> Self {
        let folder = |name: &str| data_dir.path().join(name).to_str().unwrap().to_owned();
        let arguments = [
            "coordinator",
            "--data-dir",
            &folder("coordinator"),
            "--listen",
            "127.0.0.1:0",
            "--flight-listen",
            "127.0.0.1:0",
            "--worker-listen",
            "127.0.0.1:0",
        ];
        let front = Process::start(&arguments, environment);
        let join = format!("http://{}", front.wait_for("workers join here address="));
        let flight = front.wait_for("flight_sql=");
        let workers: Vec<Process> = (0..WORKERS)
            .map(|at| {
                let folder = folder(&format!("worker-{at}"));
                Process::start(&["worker", "--coordinator", &join, "--data-dir", &folder], environment)
            })
            .collect();
        for worker in &workers {
            worker.wait_for("joined the coordinator");
        }
        Self { flight, workers, _front: front, _data_dir: data_dir }
    }
}

/// A child process, killed when dropped.
pub(crate) struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    pub(crate) fn start(arguments: &[&str], environment: &Environment) -> Self {
        let mut child = Command::new(binary())
            .args(arguments)
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let name = arguments[0].to_owned();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if line.contains("ERROR") || line.contains("WARN") {
                    eprintln!("[{name}] {line}");
                }
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// The word behind `mark` in the first log line that has it.
    pub(crate) fn wait_for(&self, mark: &str) -> String {
        let mut seen = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(START_PATIENCE) {
            if let Some((_, rest)) = line.split_once(mark) {
                return rest.split_whitespace().next().unwrap_or_default().to_owned();
            }
            seen.push(line);
        }
        panic!("no {mark:?} in the log:\n{}", seen.join("\n"))
    }

    /// As `kill -9`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_scops")
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Environment for reading files below `root`.
pub(crate) fn on_files(root: &Path) -> Environment {
    vec![("SCOPS_STORAGE__FILE__ROOT".into(), root.to_str().unwrap().into())]
}

/// Environment for reading from a test S3 server.
pub(crate) fn on_s3(server: &testkit::S3Server) -> Environment {
    vec![
        ("SCOPS_STORAGE__S3__ENDPOINT".into(), server.endpoint()),
        ("SCOPS_STORAGE__S3__REGION".into(), testkit::REGION.into()),
        ("AWS_ACCESS_KEY_ID".into(), testkit::ACCESS_KEY.into()),
        ("AWS_SECRET_ACCESS_KEY".into(), testkit::SECRET_KEY.into()),
    ]
}

/// Copies a folder; S3 buckets of the test server are folders.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}
