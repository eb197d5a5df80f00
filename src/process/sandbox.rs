//! What a child may reach: the rules that the kernel is to hold it to, made before the fork and applied before the exec.
//!
//! Two layers that do not rely on each other (`reliability.md` 6). Landlock allows files by path and no TCP connection
//! at all; a seccomp filter denies the system calls that open sockets, look into other processes or change the machine.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, sock_filter};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The rules that this file knows; a kernel that knows fewer holds to those.
const RULES: ABI = ABI::V6;

/// Folders of installed programs and libraries, which hold nothing private. A wrapper around ffmpeg runs from here.
const INSTALLED: [&str; 13] = [
    "/bin",
    "/gnu/store",
    "/lib",
    "/lib32",
    "/lib64",
    "/nix/store",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/local/lib",
];

/// What programs look at to start and to count processors: without the last two x265 runs without threads (R24).
const LOOKED_AT: [&str; 5] = ["/dev/urandom", "/etc/ld.so.cache", "/etc/ld.so.preload", "/proc", "/sys/devices/system"];

/// What a child may reach beside programs, libraries and `/dev/null`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Files and folders that it may read.
    pub reads: Vec<PathBuf>,
    /// Folders in which it may do as it likes.
    pub writes: Vec<PathBuf>,
}

/// Which layers the running kernel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layers {
    /// Landlock's version, if it is there and switched on: 1 knows files, 4 TCP, 6 signals.
    pub landlock: Option<i32>,
    /// Whether system calls can be filtered.
    pub filter: bool,
}

impl Layers {
    /// Asks the kernel, once.
    pub fn of_kernel() -> Layers {
        static LAYERS: OnceLock<Layers> = OnceLock::new();
        *LAYERS.get_or_init(|| Layers { landlock: landlock_version(), filter: filters_calls() && filter().is_some() })
    }

    /// The parts without which files or connections are open, in words.
    pub fn missing(self) -> Vec<&'static str> {
        let parts =
            [(self.landlock.is_none(), "rules for files (Landlock)"), (!self.filter, "a filter of system calls")];
        parts.into_iter().filter(|(missing, _)| *missing).map(|(_, name)| name).collect()
    }
}

/// Landlock's version by the kernel's answer to the question made for it.
#[allow(unsafe_code)]
fn landlock_version() -> Option<i32> {
    // LANDLOCK_CREATE_RULESET_VERSION with no attributes reads and writes no memory of ours.
    let answer = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0, 1) };
    i32::try_from(answer).ok().filter(|version| *version > 0)
}

/// Whether the kernel can refuse system calls with an error.
#[allow(unsafe_code)]
fn filters_calls() -> bool {
    let action: u32 = libc::SECCOMP_RET_ERRNO;
    // The kernel reads one number, which lives longer than the call.
    let answer = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
    answer == 0
}

/// Capabilities that root takes along over an exec: to read and search what belongs to others (`CAP_DAC_OVERRIDE`,
/// `CAP_DAC_READ_SEARCH`). Without the rest it cannot look into other processes.
const KEPT_CAPABILITIES: [libc::c_ulong; 2] = [1, 2];
/// Beyond all capabilities that a kernel has.
const LAST_CAPABILITY: libc::c_ulong = 64;

/// Rules ready to be applied: a descriptor and a program.
pub(super) struct Rules {
    files: Option<OwnedFd>,
    filter: Option<Arc<BpfProgram>>,
}

impl Rules {
    /// The rules under which `program` may reach so much, as far as the kernel has layers. Paths that are not there
    /// cannot be reached either.
    pub fn prepare(program: &Path, reach: &Reach) -> io::Result<Rules> {
        let layers = Layers::of_kernel();
        let files = match layers.landlock {
            Some(_) => rules_for_files(program, reach).map_err(io::Error::other)?,
            None => None,
        };
        Ok(Rules { files, filter: if layers.filter { filter() } else { None } })
    }

    /// Puts the calling process under the rules, for ever. Only for use between fork and exec: system calls on
    /// values that exist already, no allocation, no lock.
    #[allow(unsafe_code)]
    pub fn apply(&self) -> io::Result<()> {
        // SAFETY: prctl and landlock_restrict_self take numbers only.
        for capability in (0..LAST_CAPABILITY).filter(|capability| !KEPT_CAPABILITIES.contains(capability)) {
            // Only root has any to lose, and numbers that the kernel does not know are nobody's: errors say nothing.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        }
        let answer = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        if answer != 0 {
            return Err(io::Error::last_os_error());
        }
        if let Some(files) = &self.files {
            let answer = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, files.as_raw_fd(), 0) };
            if answer != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        match &self.filter {
            // The error of the crate may hold text; its number is enough and needs no memory.
            Some(filter) => seccompiler::apply_filter(filter).map_err(|_| io::Error::from_raw_os_error(libc::EPERM)),
            None => Ok(()),
        }
    }
}

fn rules_for_files(program: &Path, reach: &Reach) -> Result<Option<OwnedFd>, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let run = read | AccessFs::Execute;
    let write = AccessFs::from_all(RULES)
        & !(AccessFs::Execute
            | AccessFs::MakeChar
            | AccessFs::MakeBlock
            | AccessFs::MakeFifo
            | AccessFs::MakeSock
            | AccessFs::MakeSym
            | AccessFs::IoctlDev);
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .scope(Scope::from_all(RULES))?
        .create()?;
    for path in libraries_beside(program).iter().map(PathBuf::as_path).chain(INSTALLED.map(Path::new)).chain([program])
    {
        rules = allow(rules, path, run)?;
    }
    for path in LOOKED_AT.map(Path::new).into_iter().chain(reach.reads.iter().map(PathBuf::as_path)) {
        rules = allow(rules, path, read)?;
    }
    rules = allow(rules, Path::new("/dev/null"), AccessFs::ReadFile | AccessFs::WriteFile)?;
    for path in &reach.writes {
        rules = allow(rules, path, write)?;
    }
    Ok(rules.into())
}

/// A program of its own installation (`/opt/ffmpeg/bin/ffmpeg`) brings its libraries along.
fn libraries_beside(program: &Path) -> Vec<PathBuf> {
    let real = program.canonicalize().unwrap_or_else(|_| program.to_owned());
    match real.parent() {
        Some(folder) if folder.ends_with("bin") => ["../lib", "../lib64"].map(|name| folder.join(name)).into(),
        _ => Vec::new(),
    }
}

/// One more rule. It holds for what is at the path now, whatever is put there later.
fn allow(rules: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    let Ok(opened) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(RULES) };
    rules.add_rule(PathBeneath::new(opened, access))
}

/// System calls that no conversion needs: sockets, other processes, the machine. Those that only root may make are
/// here because root runs us sometimes.
const DENIED: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_open_by_handle_at,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
];

/// The filter, compiled once; `None` on a processor for which it cannot be written.
fn filter() -> Option<Arc<BpfProgram>> {
    static FILTER: OnceLock<Option<Arc<BpfProgram>>> = OnceLock::new();
    FILTER.get_or_init(|| compiled().map(Arc::new)).clone()
}

fn compiled() -> Option<BpfProgram> {
    let processor = TargetArch::try_from(std::env::consts::ARCH).ok()?;
    let rules: BTreeMap<i64, Vec<_>> = DENIED.iter().map(|call| (*call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, processor).ok()?;
    let program = BpfProgram::try_from(filter).ok()?;
    Some(if processor == TargetArch::x86_64 { [&without_x32()[..], &program].concat() } else { program })
}

/// On x86-64 some kernels know every system call by a second number, with this bit set; a list of numbers alone would
/// not meet them. Three instructions: load the number, go on below the bit, else refuse.
fn without_x32() -> [sock_filter; 3] {
    const SECOND_NUMBERS: u32 = 0x4000_0000;
    let code = |code: u32| code as u16;
    let load = code(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS);
    let at_least = code(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K);
    let end = code(libc::BPF_RET | libc::BPF_K);
    let refuse = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    [
        sock_filter { code: load, jt: 0, jf: 0, k: 0 },
        sock_filter { code: at_least, jt: 0, jf: 1, k: SECOND_NUMBERS },
        sock_filter { code: end, jt: 0, jf: 0, k: refuse },
    ]
}
