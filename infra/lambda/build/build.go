// Package build compiles functions as they are compiled for AWS, but for this
// machine.
package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Functions compiles packages, named by their directories below the module's
// root, into out: one binary each, named as the directory is. It needs the go
// command.
func Functions(ctx context.Context, root, out string, dirs ...string) error {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	args := []string{"build", "-tags", "lambda.norpc,nethttpomithttp2", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out + string(filepath.Separator)}
	for _, dir := range dirs {
		args = append(args, "./"+filepath.ToSlash(filepath.Clean(dir)))
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the functions: %w\n%s", err, strings.TrimSpace(string(text)))
	}
	return nil
}

// Binary is where Functions puts the binary of a directory.
func Binary(out, dir string) string {
	name := filepath.Base(filepath.Clean(dir))
	if os.PathSeparator == '\\' {
		name += ".exe"
	}
	return filepath.Join(out, name)
}

// Root returns the directory of the go.mod above dir.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", fmt.Errorf("there is no go.mod above: run this inside the repository")
		}
		dir = filepath.Dir(dir)
	}
}
