//go:build unix

package platform

import (
	"os/exec"
	"syscall"
)

// apart keeps a terminal's Ctrl-C from the process: the platform ends it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
