package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"griot/internal/errs"
)

const (
	// probeSize is the room that there has to be before a full disk counts as
	// usable again.
	probeSize = 1 << 20
	// probeEvery bounds how often that is tried.
	probeEvery = time.Second
)

// State says whether the disk takes writes. It costs nothing as long as it
// does: only after a write was refused is the disk tried, until it takes a
// file again. Both turns are logged, once each.
type State struct {
	directory string

	mu      sync.Mutex
	refused error // why writes are refused; nil while they are not
	tried   time.Time
}

// Watch returns the state of the disk that a directory is on.
func Watch(directory string) *State { return &State{directory: directory} }

// Explain takes notice of the outcome of a write and says it as [Explain]
// does, which is all that a nil State does.
func (s *State) Explain(err error) error {
	err = Explain(err)
	if s != nil && errs.Is(err, errs.InsufficientStorage) {
		s.refuse(err)
	}
	return err
}

func (s *State) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil {
		s.tried = time.Now()
		slog.Error("the disk takes no writes: they are answered with 507, and reads go on", "error", err)
	}
	s.refused = err
}

// Check returns why the disk takes no writes, or nil.
func (s *State) Check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused == nil || time.Since(s.tried) < probeEvery {
		return s.refused
	}
	s.tried = time.Now()
	if err := s.probe(); err != nil {
		return s.refused
	}
	s.refused = nil
	slog.Warn("the disk takes writes again")
	return nil
}

// Await returns nil once the disk takes writes, or the end of ctx.
func (s *State) Await(ctx context.Context) error {
	for s.Check() != nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(probeEvery):
		}
	}
	return ctx.Err()
}

// probe writes a file and removes it.
func (s *State) probe() (err error) {
	name := filepath.Join(s.directory, ".room")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("trying the disk: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(name)) }()
	if _, err := io.CopyN(f, zeros{}, probeSize); err != nil {
		return fmt.Errorf("trying the disk: %w", err)
	}
	return f.Sync()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
