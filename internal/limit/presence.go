package limit

import (
	"sync"
	"time"
)

// presentFor is how long a workspace counts as present after it was seen: the
// pause of a person who reads what came, or of a program that polls.
const presentFor = time.Minute

// Presence knows which workspaces use a process. It remembers the last two,
// which is enough to tell of any one whether there is another.
type Presence struct {
	Now func() time.Time

	mu   sync.Mutex
	last [2]seen // of two workspaces, the later one first
}

type seen struct {
	workspace string
	at        time.Time
}

// Seen notes that a workspace asks for something now.
func (p *Presence) Seen(workspace string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last[0].workspace != workspace {
		p.last[1] = p.last[0]
	}
	p.last[0] = seen{workspace, p.Now()}
}

// Beside reports whether a workspace other than this one was seen lately.
func (p *Presence) Beside(workspace string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	other := p.last[0]
	if other.workspace == workspace {
		other = p.last[1]
	}
	return other.workspace != "" && p.Now().Sub(other.at) < presentFor
}
