//go:build !unix

package platform

import "os/exec"

// apart does nothing here: Ctrl-C reaches the process, too.
func apart(*exec.Cmd) {}
