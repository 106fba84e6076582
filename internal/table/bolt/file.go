package bolt

import (
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrLocked is a data file that another process has open.
var ErrLocked = errors.New("the data file is in use by another process")

// lockTimeout is how long OpenFile waits for another process to let go.
const lockTimeout = time.Second

// mapSize is how much address space is set aside for the file at first: a
// file that outgrows it is mapped anew, and that waits for all readers.
const mapSize = 256 << 20

// Options of the data file.
type Options struct {
	// NoSync leaves writing to the disk to the system: fast, but a crash of
	// the machine may damage the file. For data that is thrown away anyway.
	NoSync bool
}

// OpenFile opens or creates the data file that the embedded drivers share;
// each keeps to buckets of its own. It fails with ErrLocked after a second
// when another process has it. The caller closes it.
func OpenFile(path string, o Options) (*bbolt.DB, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         lockTimeout,
		NoSync:          o.NoSync,
		NoGrowSync:      o.NoSync,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: mapSize,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		err = ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return db, nil
}
