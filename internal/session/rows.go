package session

import (
	"griot/internal/record"
	"griot/internal/table"
)

// HeadKey is the row of a session's head. The session's own partition holds it
// with the runs of segments and the blocks that remember client_seq values.
func HeadKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "head"}
}

// InfoKey is the session's row in the list of its workspace, which is written once
// and holds what never changes.
func InfoKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Workspace + "#sessions", SK: ref.ID}
}

// OriginKey is the row of its origin, which is read by workers
// only, so that its length costs readers nothing.
func OriginKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "source"}
}
