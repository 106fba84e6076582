package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"griot/internal/disk/disktest"
)

// tmpfs mounts a disk of its own, which takes root.
func tmpfs(t *testing.T, options string) (data string, remount func(flags uintptr, options string)) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	ok(t, os.Mkdir(data, 0o700))
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, options); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() { ok(t, syscall.Unmount(data, syscall.MNT_DETACH)) })
	return data, func(flags uintptr, options string) {
		ok(t, syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_REMOUNT|flags, options))
	}
}

// TestSmallDisk fills a real one, to the last byte, and kills the server.
func TestSmallDisk(t *testing.T) {
	data, remount := tmpfs(t, "size=8m")
	s, cmd := child(t, data)
	id := s.Live(t)
	acked := s.fill(t, id, 0)
	rest, err := os.Create(filepath.Join(data, "rest"))
	ok(t, err)
	if _, err := io.Copy(rest, bytes.NewReader(make([]byte, 16<<20))); err == nil {
		t.Fatal("the disk is not full")
	}
	s.reads(t, id, acked)
	disktest.Kill(t, cmd)
	s, _ = child(t, data)
	s.reads(t, id, acked)
	if status, body := s.page(id, 5000); status != 507 || !strings.Contains(body, "disk is full") {
		t.Errorf("an append after the restart: %d %s", status, body)
	}
	remount(0, "size=32m")
	await(t, func() bool { return strings.Contains(s.health(t), `"status":"healthy"`) })
	if status, body := s.page(id, 5000); status != 200 {
		t.Errorf("an append after there is room: %d %s", status, body)
	}
	if out, err := attempt(t, data, "check"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestReadOnlyDisk(t *testing.T) {
	data, remount := tmpfs(t, "size=32m")
	s := start(t, data)
	id := s.Live(t)
	ok(t, s.stop())
	remount(syscall.MS_RDONLY, "size=32m")
	err := run(context.Background(), []string{"-addr", "127.0.0.1:0", "-data", data}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "disk is read-only") {
		t.Errorf("starting on a read-only disk: %v", err)
	}
	if out, err := attempt(t, data, "check"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	to := filepath.Join(t.TempDir(), "copy")
	if out, err := attempt(t, data, "backup", to); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	start(t, to).Call(t, "GET", "/v1/sessions/"+id, nil, 200)
	remount(0, "size=32m")
}
