package session

import (
	"fmt"

	"griot/internal/table"
)

// The rows of a session. Its own partition holds the head, the runs of
// segments and the blocks that remember client_seq values; a row of the
// workspace's list, written once, holds what never changes.
func partition(workspace, id string) string { return workspace + "#" + id }

func headKey(workspace, id string) table.Key {
	return table.Key{Table: table.Sessions, PK: partition(workspace, id), SK: "head"}
}

func metaKey(workspace, id string) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#sessions", SK: id}
}

// sourceKey holds where an upload session's bytes are; it is read by workers
// only, so that its length costs readers nothing.
func sourceKey(workspace, id string) table.Key {
	return table.Key{Table: table.Sessions, PK: partition(workspace, id), SK: "source"}
}

const runPrefix = "seg#"

func runKey(workspace, id string, firstSeq int64) table.Key {
	return table.Key{Table: table.Sessions, PK: partition(workspace, id), SK: runSK(firstSeq)}
}

func runSK(firstSeq int64) string { return fmt.Sprintf("%s%016d", runPrefix, firstSeq) }

// blockKey holds the hashes of the texts of 64 client_seq values of a source.
func blockKey(workspace, id, source string, block int64) table.Key {
	sk := fmt.Sprintf("dup#%s#%016d", source, block)
	return table.Key{Table: table.Sessions, PK: partition(workspace, id), SK: sk}
}
