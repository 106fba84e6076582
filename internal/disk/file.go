package disk

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrLocked is a data file that another process has open.
var ErrLocked = errors.New("the data file is in use by another process")

// lockTimeout is how long Open waits for another process to let go.
const lockTimeout = time.Second

// mapSize is how much address space is set aside for the file at first: a
// file that outgrows it is mapped anew, and that waits for all readers.
const mapSize = 256 << 20

// Options of the data file.
type Options struct {
	// NoSync leaves writing to the disk to the system: fast, but a crash of
	// the machine may damage the file. For data that is thrown away anyway.
	NoSync bool
	// ReadOnly opens an existing file and changes nothing.
	ReadOnly bool
	// State is told of refused writes; nil: nobody is.
	State *State
}

// File is the data file that the embedded drivers share; each keeps to
// buckets of its own. Its errors are [ErrDamaged] where a page is not what was
// written, and of [errs.InsufficientStorage] where the disk refused a write;
// the file is then as it was before.
type File struct {
	db    *bbolt.DB
	state *State
}

// Open opens or creates a data file. It fails with ErrLocked after a second
// when another process has it, and with ErrDamaged when it cannot be read or
// ends too early, and may then keep its lock until the process ends. The caller
// closes it.
func Open(path string, o Options) (*File, error) {
	f := &File{state: o.State}
	err := guard(func() (err error) {
		f.db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:         lockTimeout,
			NoSync:          o.NoSync,
			NoGrowSync:      o.NoSync,
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: mapSize,
			ReadOnly:        o.ReadOnly,
		})
		return err
	})
	if err == nil {
		err = f.whole()
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("opening %s: %w", path, f.state.Explain(openError(err)))
	}
	return f, nil
}

func openError(err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch),
		strings.HasPrefix(err.Error(), "file size too small"):
		return fmt.Errorf("%w: its first pages are not those of a data file (%v)", ErrDamaged, err)
	}
	return err
}

// whole makes sure that the file is as long as it says.
func (f *File) whole() error {
	info, err := os.Stat(f.db.Path())
	if err != nil {
		return err
	}
	return f.View(func(tx *bbolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: it ends after %d of %d bytes", ErrDamaged, info.Size(), tx.Size())
		}
		return nil
	})
}

// Close closes the file when no transaction is open any more.
func (f *File) Close() error {
	if f.db == nil {
		return nil
	}
	return f.db.Close()
}

// View runs fn in a read transaction.
func (f *File) View(fn func(*bbolt.Tx) error) error {
	return guard(func() error { return f.db.View(fn) })
}

// ErrUnchanged is what a function in a write transaction returns when there is
// nothing to commit: no error to the caller.
var ErrUnchanged = errors.New("nothing to write")

// Update runs fn in a write transaction and commits it durably, unless fn
// fails.
func (f *File) Update(fn func(*bbolt.Tx) error) error {
	err := guard(func() error {
		tx, err := f.db.Begin(true)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // only says that it was committed
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Commit()
	})
	if errors.Is(err, ErrUnchanged) {
		return nil
	}
	return f.state.Explain(err)
}

// Path is where the file is.
func (f *File) Path() string { return f.db.Path() }

// Furnish creates buckets that are not there, each within those before it in
// its path. It writes nothing when all are: a full disk keeps nobody from
// opening what is there.
func (f *File) Furnish(paths ...[][]byte) error {
	whole := true
	err := f.View(func(tx *bbolt.Tx) error {
		for _, path := range paths {
			whole = whole && bucketAt(tx, path) != nil
		}
		return nil
	})
	if err != nil || whole {
		return err
	}
	return f.Update(func(tx *bbolt.Tx) error {
		for _, path := range paths {
			if err := makeBuckets(tx, path); err != nil {
				return err
			}
		}
		return nil
	})
}

func bucketAt(tx *bbolt.Tx, path [][]byte) *bbolt.Bucket {
	b := tx.Bucket(path[0])
	for _, name := range path[1:] {
		if b == nil {
			return nil
		}
		b = b.Bucket(name)
	}
	return b
}

func makeBuckets(tx *bbolt.Tx, path [][]byte) error {
	b, err := tx.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err == nil {
			b, err = b.CreateBucketIfNotExists(name)
		}
	}
	return err
}

// Stats counts what the file was asked for.
func (f *File) Stats() bbolt.Stats { return f.db.Stats() }
