package table

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// What columns have that are read.
const (
	who = iota
	role
	from
	to
	lasts
	text
	roles
)

// columns says where a table has what.
type columns struct {
	at     [roles]int // -1 for none
	header int        // rows down to the headers
	above  int        // of them, rows that are not the headers
	width  int        // cells of the headers
	titles []title
	data   [][]string // of the sample

	onChange bool   // names stand where they change only
	numbered string // what stands before names that are numbers
}

func (c columns) cell(cells []string, role int) string {
	if i := c.at[role]; i >= 0 && i < len(cells) {
		return cells[i]
	}
	return ""
}

// texts walks over the words of the sample.
func (c columns) texts(yield func(string) bool) {
	for _, cells := range c.data {
		if !yield(c.cell(cells, text)) {
			return
		}
	}
}

// maxAbove is how many rows, such as a title, may come before the headers.
const maxAbove = 10

// minRows is how many rows a table has at least whose headers say little.
const minRows = 3

// columnsOf tells the columns of a table from its first rows: by headers two
// of which are known, or by one or none and the content.
func columnsOf(sample [][]string) (columns, bool) {
	for i, cells := range sample[:min(len(sample), maxAbove+1)] {
		c := columns{header: i + 1, above: i, width: len(cells), titles: titlesOf(cells), data: sample[i+1:]}
		if c.known() > 1 && c.full() && c.settle() {
			return c, true
		}
	}
	if len(sample) < minRows {
		return columns{}, false
	}
	c := columns{width: len(sample[0]), titles: make([]title, len(sample[0])), data: sample}
	if !slices.ContainsFunc(sample[0], isClock) {
		c.header, c.titles, c.data = 1, titlesOf(sample[0]), sample[1:]
	}
	if !c.even() || !c.settle() || c.header == 0 && c.width < 3 {
		return columns{}, false
	}
	return c, c.known() > 0 || c.at[from] >= 0 && (c.at[who] >= 0 || c.at[to] >= 0)
}

// known is how many headers are.
func (c *columns) known() int {
	n := 0
	for _, t := range c.titles {
		if t.known != nil {
			n++
		}
	}
	return n
}

// settle gives every role the best known column whose content agrees, and what
// is missing then by the content alone; false without a column of words, or
// with nothing but that.
func (c *columns) settle() bool {
	p := profiles(c.data, c.width)
	for i := range c.at {
		c.at[i] = -1
	}
	agrees := [roles]func(profile) bool{
		who:   func(p profile) bool { return p.clocks*2 <= p.filled && p.runes <= maxTitle*p.filled },
		role:  func(p profile) bool { return p.times*2 <= p.filled },
		from:  func(p profile) bool { return p.times*2 >= p.filled },
		to:    func(p profile) bool { return p.times*2 >= p.filled },
		lasts: func(p profile) bool { return p.times*2 >= p.filled },
		text:  func(p profile) bool { return p.filled <= minRows || !p.timed() },
	}
	for _, r := range []int{text, from, to, lasts, who, role} {
		best := 0
		for i, t := range c.titles {
			rank, ok := t.known[r]
			if ok && !slices.Contains(c.at[:], i) && agrees[r](p[i]) && (c.at[r] < 0 || rank < best) {
				c.at[r], best = i, rank
			}
		}
	}
	c.byContent(p)
	if c.at[who] < 0 {
		c.at[who], c.at[role] = c.at[role], -1
	}
	if i := c.at[who]; i >= 0 {
		if p[i].filled > 0 && p[i].numbers == p[i].filled {
			c.numbered = "Speaker "
			if c.titles[i].name == "channel" {
				c.numbered = "Channel "
			}
		}
		c.onChange = p[i].filled < len(c.data) && !p[i].repeats
	}
	return c.at[text] >= 0 && (c.at[who] >= 0 || c.at[from] >= 0 || c.header > 0 && c.even())
}

// byContent finds the columns that no header has named.
func (c *columns) byContent(p []profile) {
	free := func(i int) bool { return !slices.Contains(c.at[:], i) }
	if c.at[text] < 0 {
		longest := 0
		for i := range p {
			if free(i) && p[i].filled > 0 && !p[i].timed() && p[i].words >= 2*p[i].filled && p[i].runes > longest {
				c.at[text], longest = i, p[i].runes
			}
		}
	}
	for i := range p {
		if c.at[from] >= 0 {
			break
		}
		if free(i) && p[i].filled > 0 && p[i].clocks*10 >= p[i].filled*9 && p[i].rising {
			c.at[from] = i
		}
	}
	for i := range p {
		if c.at[to] >= 0 || c.at[from] < 0 || c.at[lasts] >= 0 {
			break
		}
		if i > c.at[from] && free(i) && p[i].filled > 0 && p[i].clocks*10 >= p[i].filled*9 && p[i].rising && c.follows(i) {
			c.at[to] = i
		}
	}
	if c.at[who] >= 0 || c.at[role] >= 0 || c.at[text] < 0 {
		return
	}
	for i := range p {
		if free(i) && p[i].isNames() {
			c.at[who] = i
			return
		}
	}
}

// follows reports whether the times of column i are later than the starts.
func (c *columns) follows(i int) bool {
	later, n := 0, 0
	for _, cells := range c.data {
		a, ok := momentOf(c.cell(cells, from))
		if !ok || i >= len(cells) {
			continue
		}
		b, ok := momentOf(cells[i])
		if n++; ok && b.Start >= a.Start {
			later++
		}
	}
	return n > 0 && later*10 >= n*9
}

// full reports whether most rows have as many cells as the headers, or more.
func (c *columns) full() bool {
	n := 0
	for _, cells := range c.data {
		if len(cells) >= c.width {
			n++
		}
	}
	return c.width > 1 && n*10 >= len(c.data)*6
}

// even reports whether nearly all rows have as many cells as the first one, and
// no cell begins with the space that follows a comma in prose.
func (c *columns) even() bool {
	same, spaced := 0, 0
	for _, cells := range c.data {
		if len(cells) == c.width {
			same++
		}
		for _, cell := range cells[1:] {
			if strings.HasPrefix(cell, " ") {
				spaced++
				break
			}
		}
	}
	return c.width > 1 && same*10 >= len(c.data)*9 && spaced*10 <= len(c.data)
}

// isTable recognises rows that are the table of something, if not of speech.
func isTable(sample [][]string) bool {
	if len(sample) < minRows+1 {
		return false
	}
	seen := map[string]bool{}
	for _, title := range sample[0] {
		if title == "" || len(title) > maxTitle || seen[title] || title[0] == ' ' || label.EndsSentence(title) || strings.Contains(title, ": ") {
			return false
		}
		seen[title] = true
	}
	c := columns{width: len(sample[0]), data: sample[1:]}
	return c.width > 2 && c.even() && !slices.ContainsFunc(sample[0], isClock)
}

func isClock(s string) bool {
	m, ok := momentOf(s)
	return ok && !m.numeric
}

// A profile is what the cells of a column are like.
type profile struct {
	filled, times, clocks, numbers int
	words, runes                   int
	rising                         bool // no time is earlier than the one before
	repeats                        bool // a cell has what the filled one before it has
	changes                        int
	distinct                       map[string]bool
}

func profiles(rows [][]string, width int) []profile {
	p := make([]profile, width)
	last := make([]string, width)
	at := make([]float64, width)
	for i := range p {
		p[i].rising, p[i].distinct = true, map[string]bool{}
	}
	for _, cells := range rows {
		for i, cell := range cells[:min(len(cells), width)] {
			if turn.IsBlank(cell) {
				continue
			}
			q := &p[i]
			q.filled++
			q.runes += utf8.RuneCountInString(cell)
			q.words += wordsIn(cell)
			if m, ok := momentOf(cell); ok {
				q.times++
				v := float64(m.Start)
				if m.numeric {
					q.numbers++
					v = m.number
				} else {
					q.clocks++
				}
				q.rising = q.rising && v >= at[i]
				at[i] = v
			}
			if q.filled > 1 && cell == last[i] {
				q.repeats = true
			} else {
				q.changes++
			}
			last[i] = cell
			q.distinct[cell] = true
		}
	}
	return p
}

// wordsIn counts words; in scripts without spaces two characters are one.
func wordsIn(s string) int {
	n, wide := len(strings.Fields(s)), 0
	for _, r := range s {
		if r >= 0x2E80 {
			wide++
		}
	}
	return n + wide/2
}

func (p profile) timed() bool { return p.filled > 0 && p.times*10 >= p.filled*8 }

// isNames recognises cells that look like names of two or more, which come
// again.
func (p profile) isNames() bool {
	n := len(p.distinct)
	if n < 2 || n == p.filled || n > 5 && n*2 > p.filled || p.numbers > 0 || p.clocks > 0 || p.changes*4 < p.filled {
		return false
	}
	for s := range p.distinct {
		if !label.LooksLikeName(label.Clean(s)) {
			return false
		}
	}
	return true
}

// maxTitle is how long a header or a name is at most, in bytes or characters.
const maxTitle = 60

// A title is the header of a column.
type title struct {
	name  string
	unit  float64     // milliseconds of the unit that it names, or 0
	known map[int]int // the roles that it is known for, and how well: less is better
}

func titlesOf(cells []string) []title {
	titles := make([]title, len(cells))
	for i, cell := range cells {
		if len(cell) <= maxTitle {
			titles[i] = titleOf(cell)
		}
	}
	return titles
}

// titleOf reads a header in small letters and without what stands between its
// words.
func titleOf(s string) title {
	bare, bracket := s, ""
	if i := strings.IndexAny(s, "([{"); i > 0 {
		bare, bracket = s[:i], s[i:]
	}
	var unit float64
	words := titleWords(bare)
	if inside := titleWords(bracket); len(inside) > 0 {
		unit = units[inside[len(inside)-1]]
	}
	if n := len(words); n > 1 && units[words[n-1]] > 0 {
		unit = units[words[n-1]]
		if words = words[:n-1]; n > 2 && words[n-2] == "in" { // start in ms
			words = words[:n-2]
		}
	}
	name := strings.Join(words, "")
	return title{name, unit, known()[name]}
}

// titleWords cuts start_ms, startMs and Start MS into start and ms.
func titleWords(s string) []string {
	var words []string
	var b strings.Builder
	small := false
	next := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
		}
		b.Reset()
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			next()
			small = false
			continue
		}
		if unicode.IsUpper(r) && small {
			next()
		}
		small = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	next()
	return words
}

// units are milliseconds of what headers call them.
var units = map[string]float64{
	"ms": 1, "msec": 1, "msecs": 1, "millis": 1, "millisecond": 1, "milliseconds": 1, "millisekunden": 1, "millisecondes": 1, "milisegundos": 1, "毫秒": 1,
	"s": 1000, "sec": 1000, "secs": 1000, "second": 1000, "seconds": 1000, "sekunden": 1000, "secondes": 1000, "segundos": 1000, "secondi": 1000, "秒": 1000,
}

// known has for every header that is known the roles that it may have.
var known = sync.OnceValue(func() map[string]map[int]int {
	m := map[string]map[int]int{}
	for role, names := range knownTitles {
		for rank, name := range strings.Fields(names) {
			if m[name] == nil {
				m[name] = map[int]int{}
			}
			m[name][role] = rank
		}
	}
	return m
})

// knownTitles are the headers of each role as [titleOf] writes them, the best
// known ones first.
var knownTitles = [roles]string{
	who: `speaker speakername speakers speakerlabel namedspeaker currentspeaker speakerid speakertag spk speakernumber
		actor character participant participantname person interlocutor talker username displayname author authorname
		sender sendername name names who from user voice agent source channel
		sprecher sprecherin sprechername sprechende redner person teilnehmer
		locuteur locutrice intervenant intervenante orateur interlocuteur nom
		hablante orador ponente interlocutora participante nombre falante locutor locutora nome
		parlante relatore oratore interlocutore spreker talare taler puhuja mówca mówiący mluvčí řečník beszélő
		konuşmacı konuşan vorbitor ομιλητής спикер говорящий участник диктор мовець доповідач דובר المتحدث متحدث
		発言者 話者 話者名 スピーカー 講演者 说话人 发言人 说话者 讲话人 發言人 說話者 講者 화자 발화자 발언자 वक्ता ngườinói pembicara`,
	role: `role speakerrole rolle rôle rol ruolo função роль 役割 角色 역할`,
	from: `start starttime starttimecode starttc timecodestart timecodein timestart begin begintime beginning from
		in inpoint tcin timein intime onset starttimestamp timestampstart mediastart clipstart segmentstart startat startedat
		startoffset time timestamp timestamps timecode timecodes tc timespan timerange at position offset date datetime createdat created sentat sent
		beginn anfang startzeit von zeit zeitstempel zeitmarke uhrzeit
		début heurededébut tempsdébut heure temps horodatage
		inicio comienzo desde tiempo hora marcadetiempo início tempo marcaçãodetempo inizio dalle minutaggio
		starttid tid tidskod begintijd tijd tijdcode alku aika początek czas začátek čas kezdet idő başlangıç zaman
		начало время таймкод початок час התחלה זמן البداية الوقت وقت
		開始 開始時間 開始時刻 開始点 イン点 タイムコード 時間 時刻 开始 开始时间 起始时间 时间 时间戳 開始時間 시작 시작시간 시작시각 시간 타임코드`,
	to: `end endtime endtimecode endtc timecodeend timecodeout timeend stop stoptime finish finishtime ending to until
		out outpoint tcout timeout outtime offset endtimestamp timestampend mediaend clipend segmentend endat endedat endoffset
		ende endzeit bis fin heuredefin tempsfin hasta fim término fine alle sluttid slut eindtijd einde loppu koniec konec vég bitiş
		конец окончание кінець סיום النهاية
		終了 終了時間 終了時刻 終了点 アウト点 结束 结束时间 結束時間 종료 종료시간 끝`,
	lasts: `duration dur length lengthtime dauer länge durée duración duração durata duur varaktighet kesto czastrwania
		длительность продолжительность тривалість 時長 时长 長さ 길이`,
	text: `text transcript transcription transcribedtext transcripttext utterance utterancetext sentence sentences segmenttext content contents
		dialogue dialog speech words spokentext caption captions subtitle subtitles message messagetext messagebody body line lines quote statement said
		whatwassaid note notes comment comments word token
		transkript transkription äußerung aussage inhalt gesprochenes wortlaut untertitel
		texte contenu énoncé propos parole paroles réplique répliques soustitre
		texto transcripción transcripcion contenido diálogo mensaje transcrição transcricao conteúdo fala mensagem
		testo trascrizione contenuto battuta battute tekst transcriptie inhoud teksti tekstin treść wypowiedź přepis szöveg metin
		текст расшифровка реплика содержание сообщение транскрипт зміст תמליל טקסט النص نص
		文字起こし テキスト 発言 発言内容 内容 本文 字幕 文本 文字 转写 转写文本 原文 發言內容 逐字稿 텍스트 내용 발화 대사`,
}
