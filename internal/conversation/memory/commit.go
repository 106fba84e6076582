package memory

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"griot/internal/access"
	"griot/internal/idempotency"
	"griot/internal/schema"
)

// CommitTopic is the topic of memories of commits.
const CommitTopic = "commit-context"

// Commit is the body of POST /api/commit-context: what was committed, and what an
// agent did until then. Clients send a diff and a transcript, too, which are not
// read: what was changed is in the repository.
type Commit struct {
	Git         *GitCommit    `json:"git" is:"required"`
	Session     *AgentSession `json:"session"`
	CodeContext *CodeContext  `json:"codeContext"`
}

// GitCommit is a commit.
type GitCommit struct {
	SHA      string `json:"sha" is:"required filled line ..64"`
	ShortSHA string `json:"shortSha" is:"line ..64"`
	Branch   string `json:"branch" is:"line ..1000"`
	Message  string `json:"message" is:"required filled ..50000"`
	// When it was made.
	Timestamp  string   `json:"timestamp" is:"given as:day"`
	Files      []string `json:"filesChanged" is:"..10000 each ..4096"`
	Insertions int64    `json:"insertions" is:"0..1099511627776"`
	Deletions  int64    `json:"deletions" is:"0..1099511627776"`
}

// AgentSession is the work of an agent before a commit.
type AgentSession struct {
	Agent string `json:"agent" is:"line ..200"`
	Model string `json:"model" is:"line ..200"`
	// Commits of one session are memories of one conversation.
	ID      string     `json:"sessionId" is:"..200"`
	Tools   []ToolCall `json:"toolCalls" is:"..1000"`
	Prompts []string   `json:"recentPrompts" is:"..1000"`
	Errors  []string   `json:"errors" is:"..1000"`
}

// ToolCall says how often an agent called a tool.
type ToolCall struct {
	Name  string `json:"name" is:"line ..200"`
	Count int64  `json:"count" is:"0..1099511627776"`
}

// Commit makes a memory of a commit.
func (s *Service) Commit(ctx context.Context, p access.Principal, in Commit, claim *idempotency.Claim) (Created, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Created{}, err
	}
	if err := in.check(); err != nil {
		return Created{}, err
	}
	return s.Create(ctx, p, in.memory(), claim)
}

func (in Commit) check() error {
	var bad schema.Problems
	bad.Check(in)
	if in.Git != nil {
		bad.Time("git.timestamp", in.Git.Timestamp)
	}
	return bad.Result()
}

// Bounds of a commit's memory, by which it is short whatever the commit is.
const (
	maxCommitLines = 50  // of a list
	maxCommitLine  = 200 // characters
	maxCommitText  = 6000
)

func (in Commit) memory() Input {
	session := AgentSession{}
	if in.Session != nil {
		session = *in.Session
	}
	topics := []string{CommitTopic}
	if in.Git.Branch != "" {
		topics = append(topics, cut("branch:"+in.Git.Branch, MaxTopic))
	}
	at := fmt.Sprintf("commit:%s branch:%s agent:%s", in.Git.short(), cmp.Or(in.Git.Branch, "unknown"), cmp.Or(session.Agent, "unknown"))
	out := Input{
		Conversation: NewConversation, Content: in.Git.text() + session.text(), Context: cut(at, schema.Most[Input]("context")),
		Topics: topics, EventTime: in.Git.Timestamp, CodeContext: in.CodeContext,
	}
	if session.ID != "" {
		out.Conversation, out.ClaudeSession = "", session.ID
	}
	return out
}

func (g GitCommit) short() string { return cmp.Or(g.ShortSHA, g.SHA[:min(7, len(g.SHA))]) }

// text begins with the subject of the commit, which is what a list shows.
func (g GitCommit) text() string {
	subject, rest, _ := strings.Cut(strings.TrimSpace(g.Message), "\n")
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", cut(strings.TrimSpace(subject), maxCommitLine), g.short())
	if rest = strings.TrimSpace(rest); rest != "" {
		fmt.Fprintf(&b, "\n%s\n", cut(rest, maxCommitText))
	}
	fmt.Fprintf(&b, "\nCommit: %s\n", g.SHA)
	if g.Branch != "" {
		fmt.Fprintf(&b, "Branch: %s\n", cut(g.Branch, maxCommitLine))
	}
	fmt.Fprintf(&b, "Lines: +%d -%d\n", g.Insertions, g.Deletions)
	return b.String() + section("Files", g.Files)
}

func (s AgentSession) text() string {
	var b strings.Builder
	if s.Agent != "" {
		fmt.Fprintf(&b, "\nAgent: %s\n", strings.TrimSpace(s.Agent+" "+s.Model))
	}
	tools := make([]string, len(s.Tools))
	for i, t := range s.Tools {
		tools[i] = fmt.Sprintf("%s: %d", t.Name, t.Count)
	}
	return b.String() + section("Tools", tools) + section("Asked", s.Prompts) + section("Errors", s.Errors)
}

// section is a list under its name; nothing where it is empty.
func section(name string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s:\n", name)
	for _, line := range lines[:min(maxCommitLines, len(lines))] {
		fmt.Fprintf(&b, "- %s\n", cut(strings.Join(strings.Fields(line), " "), maxCommitLine))
	}
	if more := len(lines) - maxCommitLines; more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	return b.String()
}

// cut returns at most so many characters of a text.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}
