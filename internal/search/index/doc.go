// Package index keeps the search index: a log-structured inverted index over
// the ports, one of each workspace.
//
// # What is stored
//
// The tail is a partition of the table, <workspace>#tail, with a row for each
// unit that was written and is not merged yet. Its key is
// <conversation>#<memory>, it is written in the transaction of what it
// describes, and so there is one version of a unit, the newest. A unit without
// passages is a tombstone.
//
// Segments are immutable objects (package segment): each the result of a merge
// of the tail, of older segments, or of both.
//
// The manifest is one row that names the segments, from the oldest to the
// newest, and the purges under way. Whoever changes it does so on the condition
// that it is as it was read.
//
// A row of the tail replaces what any segment has of its unit, and a segment
// what older ones have. Nothing else decides which version of a unit counts:
// neither times nor revisions are compared.
//
// # A consistent read
//
// A query reads the tail first, and then the manifest ([Workspace.View]), both
// consistently. It sees every unit that was committed before, and of each the
// newest version:
//
//   - A unit committed before the tail was read is in its row, or a merge has
//     taken the row away. A merge deletes rows only after it has committed the
//     manifest whose segment has them. So the manifest, read later, names a
//     segment that has the unit.
//   - A row that was read may be in a segment, too: when the merge came between
//     the two reads, or crashed before it deleted the row. Then both say the
//     same, and the row counts.
//   - A row is never older than a segment's version of its unit. A merge reads
//     the manifest before the tail, and commits only if the manifest has not
//     changed; a row that it deletes has the stamp that it read, so one that
//     was written again meanwhile stays.
//   - A tombstone replaces like any other version. Merges keep it as long as
//     there are segments older than their result, in which there may be what
//     it hides; beneath the oldest there is nothing.
//
// Objects that the manifest does not name any more are deleted. A query that
// finds one gone begins again with a newer snapshot.
//
// # What reads cost
//
// A snapshot costs a read unit for each 4 KB of the tail, of which there are
// some 48 KB (12 units) where merges keep up, and one for each 4 KB of the
// manifest. The rest are reads of ranges of objects, all of one kind at once,
// which a [Cache] saves: for each segment, the tables that readers keep (the
// largest part of it); for each term and segment, a block of the dictionary
// (some 1 KB) and the postings; for each twenty hits, the ids of their
// memories, by conversation.
//
// # Purges
//
// Deleted words must not be left in any object. A purge
//
//  1. counts the target's units and enters it into the manifest, in one
//     transaction with the caller's note of the number. From here on no merge
//     keeps a word of it, and no other call counts it;
//  2. rewrites the segments that have units of it, the oldest first: what newer
//     ones hide in an older one would come back otherwise;
//  3. deletes its rows of the tail, sends a job that sweeps what a merge might
//     leave that read the manifest before step 1, and deletes the objects that
//     were replaced;
//  4. removes it from the manifest.
//
// Each step may be repeated; a call that finds the target in the manifest does
// those that are left, and counts nothing.
package index
