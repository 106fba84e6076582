package session

import (
	"griot/internal/record"
	"griot/internal/table"
)

// The rows of a session. Its own partition holds the head, the runs of
// segments and the blocks that remember client_seq values; a row of the
// workspace's list, written once, holds what never changes.
func HeadKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "head"}
}

func MetaKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Workspace + "#sessions", SK: ref.ID}
}

// SourceKey holds where an upload session's bytes are; it is read by workers
// only, so that its length costs readers nothing.
func SourceKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "source"}
}
