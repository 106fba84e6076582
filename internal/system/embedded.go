package system

import (
	"time"

	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	tablebolt "griot/internal/table/bolt"
)

// Embedded are the embedded drivers: the table and the queues in one file, the
// objects in a directory.
type Embedded struct {
	Table  *tablebolt.Store
	Blobs  *dir.Store
	Queues map[queue.Name]queue.Queue
	now    func() time.Time
}

// Embed opens the embedded drivers; options are those of each queue. Whoever
// has opened the file closes it, and Blobs before it.
func Embed(db *disk.File, directory string, objects dir.Options, options func(queue.Name) queuebolt.Options, now func() time.Time) (*Embedded, error) {
	e := &Embedded{Queues: map[queue.Name]queue.Queue{}, now: now}
	var err error
	if e.Table, err = tablebolt.New(db, now); err != nil {
		return nil, err
	}
	for _, name := range queue.Names {
		if e.Queues[name], err = queuebolt.New(db, name, options(name)); err != nil {
			return nil, err
		}
	}
	if e.Blobs, err = dir.Open(directory, objects); err != nil {
		return nil, err
	}
	return e, nil
}

// Ports are what the system sees of the drivers.
func (e *Embedded) Ports() Ports {
	return Ports{Table: e.Table, Blobs: e.Blobs, Queues: e.Queues, Now: e.now}
}
