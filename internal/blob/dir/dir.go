// Package dir is the embedded driver of the blob port: objects are files
// below a directory, and a handler takes the signed uploads.
//
// Layout of the directory:
//
//	objects/…    one file per object; name.go says how keys become names
//	temp/…       objects being written; emptied by Open
//	upload.key   the secret that signs upload URLs, hexadecimal, mode 0600
//
// A file is the object's bytes and behind them a footer with their SHA-256,
// so content and ETag change in one rename, and an ETag costs a read of 40
// bytes. One process at a time may use the directory.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"griot/internal/blob"
	"griot/internal/disk"
)

const (
	objects = "objects"
	temp    = "temp"
)

// Options of a store.
type Options struct {
	// Base is the address under which clients reach the Handler, such as
	// http://127.0.0.1:3000. Without it nothing can be signed.
	Base string
	// NoSync leaves durability to the operating system, for throw-away data.
	NoSync bool
	Now    func() time.Time // time.Now
	// State is told of refused writes; nil: nobody is.
	State *disk.State
}

// Store implements blob.Store.
type Store struct {
	// OnCreated is told of every object that arrives at the Handler, when it
	// is durable and before the client gets its answer; an error becomes the
	// answer 500. It is told at least once: again when a client repeats its
	// PUT, for it cannot know whether the first was cut off too early. Set it
	// before the Handler serves.
	OnCreated func(ctx context.Context, key string, info blob.Info) error

	root   *os.Root
	base   *url.URL // nil without Options.Base
	secret []byte
	sync   bool
	now    func() time.Time
	state  *disk.State
	// tree is held to change which directories exist, and shared to put a
	// file into one of them. Whoever holds it syncs before letting go: a
	// directory that is seen to exist is durable.
	tree     sync.RWMutex
	writing  sync.Mutex // held while a piece of content is hashed and written
	flushing sync.Mutex // held while one becomes durable
	// deleting is shared by deletions, and held to have none.
	deleting sync.RWMutex
}

var _ blob.Store = (*Store)(nil)

// Open opens the store in a directory, which it makes if need be, and removes
// what an earlier process left half-written. Close it after use.
func Open(directory string, o Options) (*Store, error) {
	s := &Store{sync: !o.NoSync, now: o.Now, state: o.State}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.base, err = parseBase(o.Base); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making the object directory: %w", s.state.Explain(err))
	}
	if s.root, err = os.OpenRoot(directory); err != nil {
		return nil, fmt.Errorf("opening the object directory: %w", err)
	}
	if err := s.prepare(); err != nil {
		s.root.Close()
		return nil, fmt.Errorf("preparing the object directory: %w", s.state.Explain(err))
	}
	return s, nil
}

// Close releases the directory.
func (s *Store) Close() error { return s.root.Close() }

func parseBase(base string) (*url.URL, error) {
	if base == "" {
		return nil, nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("base address %q is not an http URL", base)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/")}, nil
}

func (s *Store) prepare() error {
	for _, name := range []string{temp, objects} {
		if err := s.makeDirs(name); err != nil {
			return err
		}
	}
	if err := s.emptyTemp(); err != nil {
		return err
	}
	return s.loadSecret()
}

// emptyTemp keeps the directory itself: a full disk might not let it be made
// anew.
func (s *Store) emptyTemp() error {
	dir, err := s.root.Open(temp)
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		err = errors.Join(err, s.root.RemoveAll(path.Join(temp, name)))
	}
	return err
}

// makeDirs makes a directory and those above it, durably.
func (s *Store) makeDirs(name string) error {
	err := s.root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.makeDirs(path.Dir(name)); err != nil {
			return err
		}
		err = s.root.Mkdir(name, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.syncDir(path.Dir(name))
}

// prune removes a directory and those above it as long as they are empty.
func (s *Store) prune(name string) {
	s.tree.Lock()
	defer s.tree.Unlock()
	for ; name != objects; name = path.Dir(name) {
		if s.root.Remove(name) != nil { // not empty, as a rule
			return
		}
	}
}

// syncDir makes the entries of a directory durable. One that is gone has
// none.
func (s *Store) syncDir(name string) error {
	if !s.sync {
		return nil
	}
	f, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
