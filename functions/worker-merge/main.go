// Function worker-merge moves what was written lately of search indexes into segments.
package main

import (
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
	"griot/internal/worker"
)

func main() {
	c := setup.Function()
	own := queues.Open(c, queue.Merge)
	index := &search.Index{Table: tables.Open(c, table.Conversations), Blobs: objects.Open(c), Merges: own[queue.Merge], Pause: search.TablePause}
	jobs.Queue(queue.Merge, own[queue.Merge], worker.Merge(index))
}
