//! A disk that can be filled: a file system of its own in memory where that is allowed, else a limit on file sizes.

use super::scene::Scene;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// Room for a rich run and what it keeps, but not for much more.
const SIZE: &str = "size=12m";

pub struct SmallDisk {
    folder: PathBuf,
    /// Whether it is a file system of its own.
    mounted: bool,
}

impl SmallDisk {
    pub fn at(folder: &Path) -> SmallDisk {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).expect("a folder");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder).output();
        let mounted = mount.is_ok_and(|mount| mount.status.success());
        eprintln!("a disk that fills up: {}", if mounted { "tmpfs" } else { "no right to mount: file size limit" });
        SmallDisk { folder: folder.to_owned(), mounted }
    }

    /// Starts a run on the disk.
    pub fn start(&self, scene: &Scene) -> Child {
        if self.mounted { scene.start(&[]) } else { scene.start_limited(60) }
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        if !self.mounted {
            return;
        }
        let block = vec![0_u8; 64 << 10];
        let Ok(mut file) = std::fs::File::create(self.folder.join(".filler")) else { return };
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    pub fn make_room(&self) {
        let _ = std::fs::remove_file(self.folder.join(".filler"));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        }
    }
}
