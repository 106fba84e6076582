package session

import (
	"fmt"

	"griot/internal/record"
	"griot/internal/table"
)

// The rows of a session. Its own partition holds the head, the runs of
// segments and the blocks that remember client_seq values; a row of the
// workspace's list, written once, holds what never changes.
func headKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "head"}
}

func metaKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Workspace + "#sessions", SK: ref.ID}
}

// sourceKey holds where an upload session's bytes are; it is read by workers
// only, so that its length costs readers nothing.
func sourceKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "source"}
}

const runPrefix = "seg#"

func runKey(ref record.Ref, firstSeq int64) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: runSK(firstSeq)}
}

func runSK(firstSeq int64) string { return fmt.Sprintf("%s%016d", runPrefix, firstSeq) }

// blockKey holds the hashes of the texts of 64 client_seq values of a source.
func blockKey(ref record.Ref, block blockID) table.Key {
	sk := fmt.Sprintf("dup#%s#%016d", block.source, block.num)
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: sk}
}
