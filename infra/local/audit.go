package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// auditKept is how long events of the audit are kept, at least.
const auditKept = 365 * 24 * time.Hour

// auditMonth names a month's file, in UTC.
const auditMonth = "2006-01.jsonl"

func auditPath(data string) string { return filepath.Join(data, "audit") }

// auditLog keeps the events of the audit in a file a month, a line each. A
// file is removed once its last event is old enough.
type auditLog struct {
	dir string

	mu    sync.Mutex
	month string // whose file is ready; "": none is
}

// keep makes an event durable.
func (l *auditLog) keep(_ context.Context, at time.Time, line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	month := at.UTC().Format(auditMonth)
	if month != l.month {
		if err := l.begin(month, at); err != nil {
			return err
		}
		l.month = month
	}
	err := appendLine(filepath.Join(l.dir, month), line)
	if err != nil {
		l.month = "" // a part of the line may be there, as after a crash
	}
	return err
}

// begin makes a month's file ready, and removes those that are old. A line that
// a crash or a full disk cut off is ended, so that it does not spoil the next
// one.
func (l *auditLog) begin(month string, at time.Time) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return fmt.Errorf("making the directory of the audit: %w", err)
	}
	file := filepath.Join(l.dir, month)
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the audit: %w", err)
	}
	if n := len(before); n > 0 && before[n-1] != '\n' {
		if err := appendLine(file, []byte("\n")); err != nil {
			return err
		}
	}
	return errors.Join(l.expire(at), syncDirectory(l.dir))
}

// expire removes the files of months that ended long enough ago.
func (l *auditLog) expire(now time.Time) error {
	months, err := auditFiles(l.dir)
	if err != nil {
		return err
	}
	for _, name := range months {
		month, _ := time.Parse(auditMonth, name)
		if now.Sub(month.AddDate(0, 1, 0)) > auditKept {
			if err := os.Remove(filepath.Join(l.dir, name)); err != nil {
				return fmt.Errorf("removing an old file of the audit: %w", err)
			}
		}
	}
	return nil
}

// auditFiles are the names of the months' files.
func auditFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the audit: %w", err)
	}
	for _, e := range entries {
		if _, err := time.Parse(auditMonth, e.Name()); err == nil && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func appendLine(file string, line []byte) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the audit: %w", err)
	}
	_, err = f.Write(line)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the audit: %w", err)
	}
	return nil
}

// copyAudit copies the months' files to the same place of another directory.
func copyAudit(data, to string) error {
	months, err := auditFiles(auditPath(data))
	if err != nil || len(months) == 0 {
		return err
	}
	if err := os.Mkdir(auditPath(to), 0o700); err != nil {
		return fmt.Errorf("copying the audit: %w", err)
	}
	for _, name := range months {
		if err := copyFile(filepath.Join(auditPath(data), name), filepath.Join(auditPath(to), name)); err != nil {
			return fmt.Errorf("copying the audit: %w", err)
		}
	}
	return syncDirectory(auditPath(to))
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
