package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode/utf32"

	"griot/internal/transcript/format/source"
)

// read reads a file to its end.
func read(file []byte, limit int64) (string, *Reader, error) {
	r := NewReader(bytes.NewReader(file), file[:min(len(file), 32<<10)], limit)
	text, err := io.ReadAll(r)
	return string(text), r, err
}

func encode(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var spoken = []struct{ language, encoding, text string }{
	{"French", Windows1252, "Léa : Où ça, près de l'écluse ? Voilà, c'est là que l'été dernier nous avons déjeuné."},
	{"German", Windows1252, "Jörg: Früher haben wir die Schlüssel überall gesucht, und am Ende hing alles schön an der Tür."},
	{"Spanish", Windows1252, "Íñigo: ¿Mañana? No sé qué pasó, pero el camión llegó después de las cinco."},
	{"Portuguese", Windows1252, "Conceição: Não há ninguém na cozinha, só o pão que a avó deixou."},
	{"Italian", Windows1252, "Nicolò: Perché è così? La città non è più quella di una volta."},
	{"Swedish", Windows1252, "Åsa: Jag går hem över bron när det är mörkt, och då är det ännu kallare."},
	{"Danish", Windows1252, "Søren: På søen må man være forsigtig, når isen bliver blød."},
	{"Norwegian", Windows1252, "Håkon: Så kjører vi båten ut på fjorden før det blåser opp."},
	{"Finnish", Windows1252, "Päivi: Tänään pitää vielä lähettää nämä pöytäkirjat."},
	{"Icelandic", Windows1252, "Þóra: Það var ekki fyrr en í gær að við fórum út á sjó."},
	{"Estonian", Windows1252, "Ülle: Täna hommikul oli õues külm, aga õhtul läheb soojemaks."},
	{"Catalan", Windows1252, "Núria: Això és el que vam fer aquell matí, després del cafè."},
	{"English with typographic signs", Windows1252, "Maud: I don’t know – we’ve said “never again” twice… haven’t we?"},
	{"Russian", Windows1251, "Пётр: Сегодня утром мы ещё раз проверили насос, и он снова не работает."},
	{"Ukrainian", Windows1251, "Олена: Спочатку ми їдемо до міста, а потім забираємо ключі від її майстерні."},
	{"Bulgarian", Windows1251, "Ивайло: Първо вземам ключа от шкафа и чак тогава отварям вратата."},
	{"Serbian", Windows1251, "Љиља: Прво узмем кључ из ормана, па тек онда отворим врата."},
	{"Macedonian", Windows1251, "Ѓорѓи: Прво го земам клучот од плакарот, па ја отворам вратата."},
	{"Belarusian", Windows1251, "Алесь: Спачатку я бяру ключ з шафы і толькі потым адчыняю дзверы."},
	{"Japanese", ShiftJIS, "佐伯：まず棚から鍵を取って、それから倉庫のドアを開けます。"},
	{"Japanese of half width", ShiftJIS, "ｻｴｷ: ﾏｽﾞ ﾀﾅｶﾗ ｶｷﾞｦ ﾄｯﾃ､ ｿﾚｶﾗ ｿｳｺﾉ ﾄﾞｱｦ ｱｹﾏｽ｡"},
	{"Korean", EUCKR, "한서윤: 먼저 선반에서 열쇠를 꺼내고 그다음에 창고 문을 엽니다."},
	{"Chinese", GB18030, "丁敏：先从架子上拿钥匙，然后再去开仓库的门。"},
}

func TestGuess(t *testing.T) {
	english := strings.Repeat("Maud: And then we went on to the next point of the list, as always.\n", 150)
	for _, r := range spoken {
		i := 0
		for legacies[i].name != r.encoding {
			i++
		}
		for _, want := range []string{r.text, r.text + "\n" + r.text, english + r.text + "\n" + english, strings.Repeat(english, 30) + r.text} {
			got, reader, err := read(encode(t, legacies[i].encoding, want), 10<<20)
			if err != nil || got != want {
				t.Errorf("%s, %d bytes: read %q (%v)", r.language, len(want), clip(got), err)
				continue
			}
			if reader.Encoding() != r.encoding || !strings.Contains(reader.Note(), r.encoding) {
				t.Errorf("%s: encoding %q, note %q", r.language, reader.Encoding(), reader.Note())
			}
		}
		got, reader, err := read([]byte(r.text), 1<<20)
		if err != nil || got != r.text || reader.Encoding() != UTF8 || reader.Note() != "" {
			t.Errorf("%s as UTF-8: read %q as %s, note %q (%v)", r.language, got, reader.Encoding(), reader.Note(), err)
		}
	}
}

func clip(s string) string { return s[max(0, len(s)-200):] }

// A name or a word in a long text of ASCII is enough.
func TestFewBytes(t *testing.T) {
	english := strings.Repeat("And then we went on to the next point of the list, as always.\n", 150)
	for _, r := range []struct {
		encoding encoding.Encoding
		words    string
	}{
		{charmap.Windows1252, "café"}, {charmap.Windows1252, "Zoë"}, {charmap.Windows1252, "Ramón"}, {charmap.Windows1252, "don’t"},
		{charmap.Windows1252, "naïve"}, {charmap.Windows1252, "Müller"}, {charmap.Windows1252, "’em"}, {charmap.Windows1252, "Señora"},
		{charmap.Windows1252, "£5"}, {charmap.Windows1252, "20°"}, {charmap.Windows1252, "well — yes"}, {charmap.Windows1252, "“so”"},
		{charmap.Windows1251, "Иван"}, {charmap.Windows1251, "спасибо"}, {korean.EUCKR, "감사합니다"}, {japanese.ShiftJIS, "ありがとう"},
		{simplifiedchinese.GB18030, "谢谢大家"}, {simplifiedchinese.GB18030, "王小明："},
	} {
		want := english + r.words + " and so on.\n" + english
		if got, reader, err := read(encode(t, r.encoding, want), 1<<20); err != nil || got != want {
			t.Errorf("%s: read as %s (%v)", r.words, reader.Encoding(), err)
		}
	}
}

func TestUTF16(t *testing.T) {
	texts := []string{
		"Maud: Hello.\n", "Γιώργος: Πρώτα παίρνω το κλειδί.\n", "נועה: קודם כול אני לוקחת את המפתח.\n", "ليلى: أولا آخذ المفتاح.\n", "प्रिया: पहले मैं चाबी लेती हूँ।\n",
		"สมชาย: ก่อนอื่นผมหยิบกุญแจ\n", "1\n00:00:01,000 --> 00:00:02,000\n안녕하세요 여러분\n", "🙂 Maud: so\n",
	}
	for _, r := range spoken {
		texts = append(texts, r.text, r.text+"\r\n"+r.text+"\r\n")
	}
	for _, want := range texts {
		for name, e := range utf16Encodings {
			file := encode(t, e, want)
			marked := append(encode(t, e, "\ufeff"), file...)
			for _, b := range [][]byte{file, marked} {
				got, reader, err := read(b, 1<<20)
				if err != nil || got != want || reader.Encoding() != name || reader.Note() != "" {
					t.Errorf("%s: read %q as %s, note %q (%v)", name, got, reader.Encoding(), reader.Note(), err)
				}
			}
			if head := Head(marked); head != want {
				t.Errorf("%s: the head is %q", name, head)
			}
		}
	}
	if got, reader, err := read([]byte("\xff\xfeA\x00\x00\xd8B\x00C"), 100); got != "AB" || reader.Note() != "The encoding of the file is utf-16le. Broken characters of it were left out: 2." || err != nil {
		t.Errorf("read %q, note %q (%v)", got, reader.Note(), err)
	}
}

func TestRefused(t *testing.T) {
	for name, file := range map[string][]byte{
		"windows-1250":   encode(t, charmap.Windows1250, "Władysław: Najpierw biorę klucz z półki, a później otwieram drzwi, żeby było łatwiej.\n"),
		"windows-1254":   encode(t, charmap.Windows1254, "Ayşe: Önce anahtarı alıyorum, sonra kapıyı açıyorum çünkü ışığı görmüştüm.\n"),
		"windows-1257":   encode(t, charmap.Windows1257, "Žydrūnė: Pirmiausia pasiimu raktą, o tada atrakinu duris į sandėlį.\n"),
		"koi8-u":         encode(t, charmap.KOI8R, "Пётр: Сегодня утром мы ещё раз проверили насос.\n"),
		"ibm866":         encode(t, charmap.CodePage866, "Пётр: Сегодня утром мы ещё раз проверили насос.\n"),
		"x-mac-cyrillic": encode(t, charmap.MacintoshCyrillic, "Пётр: Сегодня утром мы ещё раз проверили насос. Насосы для воды стоят у реки, и они снова не работают, сказал Яков.\n"),
		"macintosh":      encode(t, charmap.Macintosh, "Léa: Où ça, près de l'écluse? Voilà, c'est là que nous avons déjeuné.\n"),
		"windows-1253":   encode(t, charmap.Windows1253, "Γιώργος: Πρώτα παίρνω το κλειδί από το ράφι.\n"),
		"windows-1255":   encode(t, charmap.Windows1255, "נועה: קודם כול אני לוקחת את המפתח מהמדף.\n"),
		"windows-1256":   encode(t, charmap.Windows1256, "ليلى: أولا آخذ المفتاح من الرف ثم أفتح الباب.\n"),
		"windows-874":    encode(t, charmap.Windows874, "สมชาย: ก่อนอื่นผมหยิบกุญแจจากชั้นวาง\n"),
		"big5":           encode(t, traditionalchinese.Big5, "陳怡君：先從架子上拿鑰匙，然後再去開倉庫的門。\n"),
		"euc-jp":         encode(t, japanese.EUCJP, "佐伯：まず棚から鍵を取って、それから倉庫のドアを開けます。\n"),
		"iso-2022-jp":    encode(t, japanese.ISO2022JP, "佐伯：まず棚から鍵を取って、それから。\n"),
		"utf-32":         encode(t, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "Maud: so\n"),
		"cannot be told": []byte("Ana: \xcf\xc9 \xb2\xd1\x8f \x9d\xfe\xb4\xa6\xb3\x81 \xac\x8d\xb6.\n"),
	} {
		text, _, err := read(file, 1<<20)
		var e *source.Error
		if !errors.As(err, &e) || e.Code != source.UnsupportedFormat || !strings.Contains(e.Message, "encoding") || !strings.Contains(e.Message, name) {
			t.Errorf("%s: read %q (%v)", name, text, err)
		}
	}
}

// What is said of an encoding holds where the bytes do not say otherwise.
func TestDeclared(t *testing.T) {
	const polish = `<?xml version="1.0" encoding="iso-8859-2"?><tt>Najpierw biorę klucz</tt>`
	got, r, err := read(encode(t, charmap.ISO8859_2, polish), 1<<20)
	if got != polish || r.Encoding() != "iso-8859-2" || r.Note() != "" || err != nil {
		t.Errorf("read %q as %s (%v)", got, r.Encoding(), err)
	}
	const french = `<html><head><meta charset="utf-8"></head>Voilà où nous étions déjà`
	got, r, err = read(encode(t, charmap.Windows1252, french), 1<<20)
	if got != french || r.Encoding() != Windows1252 || r.Note() == "" || err != nil {
		t.Errorf("read %q as %s (%v)", got, r.Encoding(), err)
	}
}

func TestBrokenUTF8(t *testing.T) {
	const whole = "Zoë: Voilà, ça fait déjà un été que nous étions là-bas, près du château, et après.\n"
	for _, r := range []struct{ broken, want, note string }{
		{"caf\xe9 noir", "café noir", "The encoding of the file is utf-8; bytes that are of windows-1252 were read so: 1."},
		{"so \xe2\x80", "so ", "The encoding of the file is utf-8. Broken characters of it were left out: 1."},
		{"so \xe2\x80 and so", "so  and so", "The encoding of the file is utf-8. Broken characters of it were left out: 1."},
	} {
		got, reader, err := read([]byte(whole+r.broken), 1<<20)
		if got != whole+r.want || reader.Note() != r.note || reader.Encoding() != UTF8 || err != nil {
			t.Errorf("read %q, note %q (%v)", got, reader.Note(), err)
		}
	}
	if got, _, err := read([]byte("Ana: it had \ufffd.\n"), 100); got != "Ana: it had \ufffd.\n" || err != nil {
		t.Errorf("read %q (%v)", got, err)
	}
}

// The same is read however the bytes arrive.
func TestChunks(t *testing.T) {
	file := []byte(strings.Repeat("Maud: a b c\n", 9_000) + strings.Repeat("Zoë – 世界 🙂\n", 5_000))
	for _, raw := range []io.Reader{iotest.OneByteReader(bytes.NewReader(file)), iotest.DataErrReader(bytes.NewReader(file)), iotest.HalfReader(bytes.NewReader(file))} {
		r := NewReader(raw, file[:1000], 1<<20)
		got, err := io.ReadAll(iotest.OneByteReader(r))
		if string(got) != string(file) || err != nil {
			t.Errorf("%d bytes of %d (%v)", len(got), len(file), err)
		}
	}
	broken := errors.New("broken")
	if _, err := io.ReadAll(NewReader(iotest.ErrReader(broken), nil, 100)); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, _, err := read([]byte("caf\xe9"+strings.Repeat("so ", 100)), 100); err == nil || !strings.Contains(err.Error(), "more than 100 bytes") {
		t.Error(err)
	}
}

// FuzzReader promises that text comes out as UTF-8 of no more length than any
// encoding needs, that UTF-8 passes, and that U+FFFD does not come from
// nowhere.
func FuzzReader(f *testing.F) {
	for _, r := range spoken {
		f.Add([]byte(r.text))
		for _, l := range legacies[:5] {
			if b, err := l.encoding.NewEncoder().Bytes([]byte(r.text)); err == nil {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		text, r, err := read(file, 1<<20)
		Head(file)
		var e *source.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Errorf("not an *Error: %v", err)
		case err != nil:
		case !bytes.Equal(bytes.ToValidUTF8([]byte(text), nil), []byte(text)):
			t.Errorf("%q is not UTF-8", text)
		case strings.Contains(text, "\ufffd") && r.Encoding() != GB18030 && !bytes.Contains(file, []byte("\ufffd")):
			t.Errorf("%q has U+FFFD", text)
		case len(text) > 3*len(file):
			t.Errorf("%d bytes of %d", len(text), len(file))
		}
	})
}
