package access

import "time"

// In this file CreatedBy is who made a key, as its row says. Rows of keys are
// never removed, so that the tree of who made whom stands for ever; whose a key
// is, once its maker is gone, is read from it.

// adopt replaces makers that are revoked by theirs.
func adopt(keys []Key) {
	revoked := map[string]string{} // its maker by a revoked key
	for _, k := range keys {
		if !k.RevokedAt.IsZero() {
			revoked[k.ID] = k.CreatedBy
		}
	}
	for i := range keys {
		maker := keys[i].CreatedBy
		for gone := true; gone; { // a maker is older than what it makes: this ends
			var next string
			if next, gone = revoked[maker]; gone {
				maker = next
			}
		}
		keys[i].CreatedBy = maker
	}
}

// descendants returns the keys that a key made, and those that they made, and
// so on, makers first.
func descendants(keys []Key, keyID string) []Key {
	made := map[string][]Key{}
	for _, k := range keys {
		made[k.CreatedBy] = append(made[k.CreatedBy], k)
	}
	all := append([]Key(nil), made[keyID]...)
	for i := 0; i < len(all); i++ {
		all = append(all, made[all[i].ID]...)
	}
	return all
}

func notRevoked(keys []Key) (left []Key) {
	for _, k := range keys {
		if k.RevokedAt.IsZero() {
			left = append(left, k)
		}
	}
	return left
}

// manages reports whether a key can make and delete keys now.
func (k Key) manages(now time.Time) bool {
	alive := k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
	return alive && Principal{Scopes: k.Scopes}.Require(APIKeysManage) == nil
}

// heir returns, of the keys that manage keys, the one that does so for longest
// and is not leaving; ok is false when there is none.
func heir(keys, leaving []Key, now time.Time) (found Key, ok bool) {
	goes := map[string]bool{}
	for _, k := range leaving {
		goes[k.ID] = true
	}
	for _, k := range keys {
		if !goes[k.ID] && k.manages(now) && (!ok || outlives(k, found)) {
			found, ok = k, true
		}
	}
	return found, ok
}

func outlives(a, b Key) bool {
	return !b.ExpiresAt.IsZero() && (a.ExpiresAt.IsZero() || a.ExpiresAt.After(b.ExpiresAt))
}
