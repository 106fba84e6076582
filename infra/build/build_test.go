// Package build_test builds as sam build does, with the Makefiles beside it.
package build_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A binary is for the processor that the directory is named after, and the
// same from another commit and another directory: what did not change is not
// deployed.
func TestBinaryDependsOnCodeAlone(t *testing.T) {
	for arch, machine := range map[string]elf.Machine{"arm64": elf.EM_AARCH64, "x86_64": elf.EM_X86_64} {
		t.Run(arch, func(t *testing.T) {
			first := repository(t)
			before := build(t, first, arch)
			run(t, first, "git", "commit", "-q", "--allow-empty", "-m", "nothing")
			again := build(t, first, arch)
			elsewhere := build(t, repository(t), arch)
			if !bytes.Equal(before, again) {
				t.Error("an empty commit changes the binary")
			}
			if !bytes.Equal(before, elsewhere) {
				t.Error("another directory changes the binary")
			}
			file, err := elf.NewFile(bytes.NewReader(before))
			if err != nil || file.Machine != machine {
				t.Errorf("the binary is for %v: %v", file, err)
			}
		})
	}
}

// repository is one with a function and these Makefiles.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                      "module hello\n\ngo 1.26\n",
		"functions/say-hello/main.go": "package main\n\nfunc main() { println(\"hello\") }\n",
		"infra/build/Makefile":        read(t, "Makefile"),
		"infra/build/arm64/Makefile":  read(t, "arm64/Makefile"),
		"infra/build/x86_64/Makefile": read(t, "x86_64/Makefile"),
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(t, root, "git", "init", "-q")
	run(t, root, "git", "add", ".")
	run(t, root, "git", "commit", "-q", "-m", "hello")
	return root
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// build is the binary that make puts where SAM wants it.
func build(t *testing.T, root, arch string) []byte {
	t.Helper()
	out := t.TempDir()
	run(t, root, "make", "-f", "infra/build/"+arch+"/Makefile", "build-SayHello", "ARTIFACTS_DIR="+out)
	binary, err := os.ReadFile(filepath.Join(out, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func run(t *testing.T, dir string, command ...string) {
	t.Helper()
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skipf("there is no %s", command[0])
	}
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GOFLAGS=-mod=mod", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, text)
	}
}
