package disktest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// work names what a process of [Child] does.
const work = "GRIOT_TEST_CHILD"

// Main is TestMain of a package whose tests kill processes that are at work: it
// does the work in a process that [Child] has started, and else runs the tests.
func Main(m *testing.M, do func(what string) error) {
	what, child := os.LookupEnv(work)
	if !child {
		os.Exit(m.Run())
	}
	if err := do(what); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Child returns a process of the test's own binary, to be started, that does
// the work of [Main].
func Child(what string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), work+"="+what)
	cmd.Stderr = os.Stderr
	return cmd
}

// Kill kills a process that has been started, as a crash does, and waits for
// its end.
func Kill(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
}

// Killed starts a child, kills it after so many lines of what it says, and
// calls said for each of these and for those that it still said meanwhile.
func Killed(t *testing.T, what string, lines int, said func(line string)) {
	t.Helper()
	cmd := Child(what)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := 0
	for in := bufio.NewReader(out); ; read++ {
		line, err := in.ReadString('\n') // a line cut short was never said
		if err == io.EOF {
			break
		}
		if read == lines {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		said(strings.TrimSpace(line))
	}
	if err := cmd.Wait(); err == nil || read <= lines {
		t.Fatalf("the child ended by itself after %d lines: %v", read, err)
	}
}
