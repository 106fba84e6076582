package when

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// tongues are the commonest times in other languages, by their words. Those
// that are words of another language, too (French "hier", German "here"), are
// left out, or count beside a word of their own language only.
var tongues = sync.OnceValue(func() map[string]unspelt {
	m := map[string]unspelt{}
	for of, phrases := range map[unspelt]string{
		{theDay, -1}: `gestern,ayer,ieri,ontem,gisteren,wczoraj,вчера,вчора,včera,tegnap,dün,igår,i går,eilen,χθες,χτες,أمس,امس,البارحة,אתמול,kemarin,hôm qua`,
		{theDay, 0}:  `heute,hoy,aujourd'hui,oggi,hoje,vandaag,dziś,dzisiaj,сегодня,сьогодні,dnes,bugün,idag,i dag,tänään,σήμερα,اليوم,היום,hari ini,hôm nay`,
		{theDay, -2}: `vorgestern,anteayer,eergisteren,przedwczoraj,позавчера,позавчора,předevčírem,förrgår,i förgårs,toissapäivänä,προχθές,שלשום`,
		{week, -1}:   `letzte woche,letzter woche,letzten woche,vorige woche,voriger woche,vergangene woche,vergangener woche,semana pasada,semaine dernière,semaine passée,settimana scorsa,scorsa settimana,semana passada,vorige week,afgelopen week,zeszłym tygodniu,ubiegłym tygodniu,zeszły tydzień,прошлой неделе,прошлую неделю,минулого тижня,minulý týden,múlt héten,geçen hafta,förra veckan,sidste uge,forrige uke,viime viikolla,την περασμένη εβδομάδα,الأسبوع الماضي,الاسبوع الماضي,שבוע שעבר,minggu lalu,tuần trước`,
		{week, 0}:    `diese woche,dieser woche,esta semana,cette semaine,questa settimana,deze week,tym tygodniu,этой неделе,эту неделю,цього тижня,tento týden,ezen a héten,bu hafta,denna vecka,den här veckan,denne uge,denne uken,tällä viikolla,αυτή την εβδομάδα,هذا الأسبوع,השבוע,minggu ini,tuần này`,
		{month, -1}:  `letzten monat,letzter monat,letztem monat,vorigen monat,vergangenen monat,mes pasado,mois dernier,mois passé,mese scorso,scorso mese,mês passado,vorige maand,afgelopen maand,zeszłym miesiącu,ubiegłym miesiącu,прошлом месяце,прошлый месяц,минулого місяця,minulý měsíc,múlt hónapban,geçen ay,förra månaden,sidste måned,forrige måned,viime kuussa,τον περασμένο μήνα,الشهر الماضي,חודש שעבר,bulan lalu,tháng trước`,
		{month, 0}:   `diesen monat,diesem monat,este mes,ce mois,questo mese,este mês,deze maand,tym miesiącu,этом месяце,цього місяця,tento měsíc,bu ay,denna månad,tällä kuussa,αυτόν τον μήνα,هذا الشهر,החודש,bulan ini,tháng này`,
		{year, -1}:   `letztes jahr,letzten jahr,letztem jahr,voriges jahr,vorigen jahr,vergangenes jahr,año pasado,année dernière,l'année dernière,an dernier,l'an dernier,anno scorso,l'anno scorso,scorso anno,ano passado,vorig jaar,afgelopen jaar,zeszłym roku,ubiegłym roku,прошлом году,прошлый год,минулого року,minulý rok,múlt évben,tavaly,geçen yıl,geçen sene,förra året,sidste år,viime vuonna,πέρσι,العام الماضي,السنة الماضية,שנה שעברה,tahun lalu,năm ngoái`,
		{year, 0}:    `dieses jahr,diesem jahr,este año,cette année,quest'anno,este ano,dit jaar,tym roku,этом году,цього року,tento rok,bu yıl,bu sene,i år,tänä vuonna,φέτος,هذا العام,השנה,tahun ini,năm nay`,
	} {
		for phrase := range strings.SplitSeq(phrases, ",") {
			m[phrase] = of
		}
	}
	return m
})

// unspelt is a time as so many units from now.
type unspelt struct {
	unit unit
	n    int
}

// of returns its days.
func (u unspelt) of(today time.Time) days {
	switch u.unit {
	case week:
		return weekOf(today, u.n)
	case month:
		return monthOf(today, u.n)
	case year:
		return yearOf(today.Year() + u.n)
	}
	return one(plusDays(today, u.n))
}

// longest is the most words of a phrase of tongues.
const longest = 4

// tongue reads times of other languages: those of tongues, French "hier", and
// "vor drei Tagen", "hace 3 días", "il y a deux semaines", "3 дня назад".
func (g *grammar) tongue(i int) (days, int) {
	var phrase strings.Builder
	var found days
	read := 0
	for n := 1; n <= longest && g.word(i+n-1) != ""; n++ {
		if n > 1 {
			phrase.WriteByte(' ')
		}
		phrase.WriteString(g.word(i + n - 1))
		if u, ok := tongues()[phrase.String()]; ok {
			found, read = u.of(g.today), n
		}
	}
	if read > 0 {
		return found, read
	}
	if g.word(i) == "hier" && g.french() {
		return one(plusDays(g.today, -1)), 1
	}
	return g.foreignAgo(i)
}

// french reports whether a word is there that no neighbour of French has.
func (g *grammar) french() bool {
	for i := range g.words {
		if g.in(i, "nous vous avons avez que quoi qu'avons qu'est-ce est les ce qui j'ai ai sur du au aux dans dit été quel quelle") {
			return true
		}
	}
	return false
}

// foreignAgo reads how long ago something was, in the order that a language
// has it in.
func (g *grammar) foreignAgo(i int) (days, int) {
	n := 0
	switch {
	case g.is(i, "il", "y", "a"):
		n = 3
	case g.in(i, "vor hace há"):
		n = 1
	}
	v, err := strconv.Atoi(g.word(i + n))
	if err != nil || len(g.word(i+n)) > 4 {
		v = foreignNumbers()[g.word(i+n)]
	}
	u := foreignUnits()[g.word(i+n+1)]
	if v <= 0 || u == noUnit {
		return days{}, 0
	}
	switch {
	case n > 0:
		return g.around(v, v, u), n + 2
	case g.in(i+2, "fa atrás geleden temu назад тому önce sedan siden sitten پیش"):
		return g.around(v, v, u), 3
	}
	return days{}, 0
}

var foreignNumbers = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	for n, words := range []string{
		1: "ein eine einem einer un una uno une um uma een jeden один одну bir en ett yksi",
		2: "zwei dos deux due dois duas twee dwa dwie два две дві iki två to kaksi",
		3: "drei tres trois tre três drie trzy три üç kolme",
		4: "vier cuatro quatre quattro quatro cztery четыре чотири dört fyra fire",
		5: "fünf cinco cinq cinque vijf pięć пять beş fem",
		6: "sechs seis six sei zes sześć шесть altı sex seks",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = n
		}
	}
	return m
})

var foreignUnits = sync.OnceValue(func() map[string]unit {
	m := map[string]unit{}
	for u, words := range []string{
		hour:   "stunde stunden hora horas heure heures ora ore uur godzinę godzin час часа часов saat timme timmar timer",
		theDay: "tag tage tagen día días dia dias jour jours giorno giorni dag dagen dzień dni день дня дней дні gün dagar dage päivää",
		week:   "woche wochen semana semanas semaine semaines settimana settimane week weken tydzień tygodnie tygodni неделю недели недель тиждень тижні hafta vecka veckor uge uger viikkoa",
		month:  "monat monate monaten mes meses mois mese mesi mês maand maanden miesiąc miesiące miesięcy месяц месяца месяцев місяці ay månad månader måned måneder kuukautta",
		year:   "jahr jahre jahren año años an ans anno anni ano anos jaar rok lata lat год года лет рік роки yıl år vuotta",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = unit(u)
		}
	}
	return m
})

// unspacedTimes are those of scripts whose words are not parted by spaces, or
// have particles behind them.
var unspacedTimes = []struct {
	phrases string
	of      unspelt
	but     string // letters behind which it is another word
}{
	{"前天,一昨日,그저께", unspelt{theDay, -2}, ""},
	{"昨天,昨日,きのう,어제,เมื่อวาน", unspelt{theDay, -1}, ""},
	{"今天,今日,오늘,วันนี้", unspelt{theDay, 0}, ""},
	{"上周,上週,上个星期,上星期,先週,지난주,지난 주,สัปดาห์ที่แล้ว", unspelt{week, -1}, "期围圍边邊"},
	{"这周,這週,本周,本週,这个星期,今週,이번 주,이번주,สัปดาห์นี้", unspelt{week, 0}, "期"},
	{"上个月,上個月,上月,先月,지난달,지난 달,เดือนที่แล้ว", unspelt{month, -1}, ""},
	{"这个月,這個月,本月,今月,이번 달,이번달,เดือนนี้", unspelt{month, 0}, ""},
	{"去年,昨年,작년,지난해,ปีที่แล้ว", unspelt{year, -1}, ""},
	{"今年,올해,ปีนี้", unspelt{year, 0}, ""},
}

// unspaced finds the times of such scripts anywhere in a text, each once.
func unspaced(text string, today time.Time) []Span {
	if ascii(text) {
		return nil
	}
	var spans []Span
	for _, times := range unspacedTimes {
		for phrase := range strings.SplitSeq(times.phrases, ",") {
			i := strings.Index(text, phrase)
			if i < 0 || startsWithAny(text[i+len(phrase):], times.but) {
				continue
			}
			d := times.of.of(today)
			spans = append(spans, Span{d.from, d.to, i, i + len(phrase)})
		}
	}
	return spans
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

func startsWithAny(text, letters string) bool {
	for _, r := range letters {
		if strings.HasPrefix(text, string(r)) {
			return true
		}
	}
	return false
}
