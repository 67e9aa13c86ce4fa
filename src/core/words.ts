/**
 * The words of dependency, a table per language. Order of the words inside an alternative matters only within a
 * language: the longest stands first. Knows words; the grammar is in `sentences.ts`.
 */

/**
 * A task id wherever it stands in a text: `T001`, `T046B`, `T052.1`, `T062-1`, `T-W01`, `TASK-001`, `TSK-AUTH-001`;
 * `'` ends some ids of real files.
 */
export const TASK_ID = String.raw`(?:(?:TASK|TSK)(?:-[A-Z][A-Z0-9]{0,15}){0,4}-\d{1,9}|T(?:-[A-Z]{1,3})?-?\d{1,9})(?:[A-Za-z]{1,2}(?![A-Za-z0-9]))?(?:[.-]\d{1,9}){0,4}[a-z]?'{0,2}(?![A-Za-z0-9_])`;

interface Words {
  /** The left side waits for the right one. */
  readonly after: string;
  /** The left side comes first. */
  readonly before: string;
  /** Stands behind its list: `T003の後に`, `US1 完成后`. */
  readonly behind?: string;
  /** Subject particle between a list and the one that it waits for: `T005はT003に依存`. */
  readonly topic?: string;
  /** May stand before a word of dependency without changing it: `must`, `can start`. */
  readonly lead: string;
  /** May stand behind any list: `complete`, `is done`, `first`. */
  readonly tail: string;
  /** May stand behind a list that comes later, or behind a lone one: `starts`, `in parallel`. */
  readonly manner: string;
  /** Stand before or behind a name inside a list: `the`, `tasks`, `phase`. */
  readonly filler: string;
  /** Turn a sentence into none at all. */
  readonly negative: string;
  /** Join two stories loosely: not an edge, but a hint. */
  readonly loose: string;
  readonly and: string;
  /** Stand for the subject: `All depend on …`. */
  readonly pronoun: string;
  readonly everyStory: string;
  /** Begin a line that lists dependencies: `Depends on:`. */
  readonly label: string;
  readonly beforeLabel: string;
}

const EN: Words = {
  after:
    'depend(?:s|ing|ent)?(?:\\s+only|\\s+directly|\\s+solely)?\\s+(?:up)?on|requires?|requiring|needs?|waits?\\s+(?:for|on)|waiting\\s+(?:for|on)|builds?\\s+(?:up)?on|rel(?:y|ies)\\s+on|(?:is\\s+|are\\s+)?(?:blocked|gated)\\s+by|follows?|after|once',
  before:
    '(?:is\\s+|are\\s+)?(?:an?\\s+|the\\s+)?prerequisites?\\s+(?:of|for|to)|(?:is\\s+|are\\s+)?(?:required|needed)\\s+(?:by|for)|blocks?|blocking|unblocks?|precedes?|gates|before|and\\s+then|then',
  lead: 'can(?:\\s+then)?|must|should|shall|will|has|have|to|need(?:s)?\\s+to|be|is|are|only|also|all|both|each|strictly|directly|always|start(?:s|ed)?|begin(?:s)?|run(?:s)?|proceed(?:s)?|go(?:es)?|come(?:s)?|happen(?:s)?|execute(?:s|d)?|in\\s+parallel|sequentially|complete(?:s|d)?|finish(?:es|ed)?|done|implemented|started|merged|land(?:s|ed)?|wait(?:s)?',
  tail: 'complete(?:s|d|ly)?|completion|done|finish(?:es|ed)?|first|ready|pass(?:es|ed)?|merged?|land(?:s|ed)?|exists?|only|is|are|has|have|been|being|to|be|must|in\\s+parallel|sequentially|order|in\\s+order|successfully|fully|also',
  filler:
    'the|tasks?|phases?|both|all\\s+of|all|stor(?:y|ies)|steps?|waves?|each|every|completion\\s+of|completing|user',
  negative:
    "may|might|could|if|unless|optional(?:ly)?|ideally|no|not|never|without|none|neither|nor|cannot|(?:can|do|does|is|are|must|should|need)n['’]t|independent(?:ly)?\\s+(?:of|from)|or|alternatively|recommended|suggested|preferably|instead",
  loose:
    'extends?|extending|reuses?|reusing|builds?|building|depends?|depending|dependent|requires?|requiring|needs?|after|before|follows?|blocks?|relies|rely|refines?|enhances?|consumes?|inherits?|waits?|first|once|precedes?',
  and: 'and',
  pronoun: 'all\\s+of\\s+(?:them|these)|all|both|each|they|it|this|these|which',
  everyStory:
    '(?:all|every|each)(?:\\s+(?:the|desired|other|remaining|of))*(?:\\s+the)?\\s+(?:user\\s+)?stor(?:y|ies)|user\\s+stories',
  label:
    'depends?(?:\\s+on)?|dependenc(?:y|ies)|requires?|required|prerequisites?|blocked\\s+by|after|needs?|waits?\\s+for',
  beforeLabel: 'blocks?|unblocks?|before|required\\s+(?:by|for)',
};

const NEVER = '(?!)';

const OTHERS: readonly Words[] = [
  {
    // Spanish
    after: 'depend[eé]n?\\s+de|depende\\s+solo\\s+de|requieren?|necesitan?|despu[eé]s\\s+de|tras|esperan?\\s+a',
    before: 'bloquean?|desbloquean?|antes\\s+de|preceden?\\s+a|luego|despu[eé]s',
    lead: 'debe(?:n)?|puede(?:n)?|empezar|comenzar|ejecutarse|iniciar|en\\s+paralelo|completarse|ir|va(?:n)?',
    tail: 'complet[oa]s?|completad[oa]s?|terminad[oa]s?|list[oa]s?|primero',
    filler: 'la|las|el|los|tareas?|fases?|historias?',
    negative: 'sin|ningun[oa]?|ninguna|puede\\s+que|opcional(?:mente)?|si|podr[ií]a(?:n)?|independientes?',
    loose: 'extiende|reutiliza|depende|requiere|necesita|despu[eé]s|antes',
    and: 'y|e',
    pronoun: 'tod[oa]s|amb[oa]s',
    everyStory: 'todas\\s+las\\s+historias(?:\\s+de\\s+usuario)?',
    label: 'depende(?:\\s+de)?|dependencias?|requiere|prerrequisitos?',
    beforeLabel: 'bloquea',
  },
  {
    // Portuguese
    after: 'dependem?\\s+d[eoa]s?|requer(?:em)?|precisam?\\s+de|ap[oó]s|depois\\s+d[eoa]s?',
    before: 'bloqueiam?|desbloqueiam?|antes\\s+d[eoa]s?|precedem?',
    lead: 'deve(?:m)?|pode(?:m)?|iniciar|come[cç]ar|executar|em\\s+paralelo|ser',
    tail: 'completas?|completos?|conclu[ií]d[oa]s?|pront[oa]s?|primeiro',
    filler: 'a|as|o|os|tarefas?|fases?|hist[oó]rias?',
    negative: 'sem|nenhuma?|n[aã]o|opcional(?:mente)?|se|independentes?|talvez',
    loose: 'estende|reutiliza|depende|requer|ap[oó]s|antes',
    and: 'e',
    pronoun: 'tod[oa]s|amb[oa]s',
    everyStory: 'todas\\s+as\\s+hist[oó]rias(?:\\s+de\\s+usu[aá]rio)?',
    label: 'depende(?:\\s+de)?|depend[eê]ncias?|requer',
    beforeLabel: 'bloqueia',
  },
  {
    // French
    after: "d[ée]pend(?:ent)?\\s+(?:de\\s+la|de|du|des|d['’])|requi[eè]re?(?:nt)?|n[ée]cessite(?:nt)?|apr[eè]s",
    before: 'bloque(?:nt)?|d[ée]bloque(?:nt)?|avant|pr[ée]c[eè]de(?:nt)?|puis',
    lead: 'doi(?:t|vent)|peu(?:t|vent)|commencer|d[ée]marrer|[eê]tre|en\\s+parall[eè]le',
    tail: 'termin[ée]e?s?|achev[ée]e?s?|compl[eè]te?s?',
    filler: "la|le|les|t[aâ]ches?|phases?|l['’]",
    negative: 'sans|aucune?|pas|optionnel(?:lement)?|si|ind[ée]pendante?s?',
    loose: '[ée]tend|r[ée]utilise|d[ée]pend|n[ée]cessite|apr[eè]s|avant',
    and: 'et',
    pronoun: 'tou(?:s|tes)',
    everyStory: 'toutes\\s+les\\s+(?:user\\s+)?stories',
    label: 'd[ée]pend(?:\\s+de)?|d[ée]pendances?|requiert',
    beforeLabel: 'bloque',
  },
  {
    // Polish
    after: 'zale[żz](?:y|ą|a)\\s+od|wymaga(?:j[ąa])?|po|czeka(?:j[ąa])?\\s+na',
    before: 'blokuj(?:e|[ąa])|odblokowuj(?:e|[ąa])|przed|poprzedza(?:j[ąa])?|potem|nast[ęe]pnie',
    lead: 'mo[żz](?:e|na|g[ąa])|musi|musz[ąa]|by[ćc]|rozpocz[ąa][ćc]|wystartowa[ćc]|r[óo]wnolegle',
    tail: 'uko[ńn]czeni[ua]|zako[ńn]czeni[ua]|gotow[eay]',
    filler: 'zadani[aeu]|faz[aęy]|fazie',
    negative: 'bez|brak|nie|opcjonalnie|je[śs]li|niezale[żz]n\\p{L}*',
    loose: 'rozszerza|wykorzystuje|zale[żz]y|wymaga|po|przed',
    and: 'i|oraz',
    pronoun: 'wszystkie',
    everyStory: 'wszystkie\\s+historie(?:\\s+u[żz]ytkownika)?',
    label: 'zale[żz]y(?:\\s+od)?|zale[żz]no[śs]ci|wymaga',
    beforeLabel: 'blokuje',
  },
  {
    // German
    after: 'h[äa]ng(?:t|en)\\s+ab\\s+von|ben[öo]tig(?:t|en)|braucht|nach|wartet\\s+auf',
    before: 'blockier(?:t|en)|vor|danach|dann',
    lead: 'muss|m[üu]ssen|kann|k[öo]nnen|startet|beginnt|parallel',
    tail: 'fertig|abgeschlossen|ab',
    filler: 'die|der|das|aufgaben?|phasen?',
    negative: 'keine?|nicht|ohne|optional|falls|wenn|unabh[äa]ngig',
    loose: 'erweitert|nutzt|ben[öo]tigt|nach|vor',
    and: 'und',
    pronoun: 'alle',
    everyStory: 'alle\\s+(?:user\\s+)?stories',
    label: 'abh[äa]ngig\\s+von|abh[äa]ngigkeiten?|ben[öo]tigt|voraussetzungen?',
    beforeLabel: 'blockiert',
  },
  {
    // Chinese, both scripts
    after: '依赖(?:于)?|依賴(?:於)?|需要|等待|取决于|取決於',
    before: '阻塞|阻擋|阻断|先于|先於|早于|早於|然后|然後',
    behind: '(?:全部)?(?:完成|结束|結束)(?:之)?(?:后|後)|之后|之後|以后|以後|后|後',
    lead: '可(?:以)?|必须|必須|应|應|在|才能|均|都|仅|僅|只|并行|並行',
    tail: '(?:全部)?完成|的完成|结束|先|(?:即可|才能|可(?:以)?(?:立即)?|再|方可)?(?:开始|開始|执行|執行|进行|進行|启动|啟動)|并行|並行',
    filler: '任务|任務|阶段|階段|的|所有',
    negative: '无|無|不|没有|沒有|可选|可選|如果|若|可能|建议|建議|独立|獨立',
    loose: '扩展|擴展|复用|複用|依赖|依賴|需要|基于|基於',
    and: '和|与|與|及|以及',
    pronoun: '均|都|全部',
    everyStory: '所有(?:用户|用戶|使用者)?故事',
    label: '依赖(?:于|项|任务|关系)?|依賴(?:於|項|任務|關係)?|前置(?:任务|任務|条件|條件)?|需要',
    beforeLabel: '阻塞',
  },
  {
    // Japanese
    after: NEVER,
    before: 'をブロック|より前に|より先に|の前に|その後|次に',
    behind:
      'の?(?:完了)?(?:の)?後(?:に|で)?|完了後(?:に)?|に依存(?:する|します)?|が(?:完了|終了)し(?:て|た)(?:から|後(?:に)?)|を待つ|が必要|以降',
    topic: 'は|が',
    lead: '必ず|並列に',
    tail: '(?:に)?(?:開始|実行|着手)(?:可能|できる|する|します)?|完了|先に|並列実行(?:可能)?',
    filler: 'タスク|フェーズ|すべての|全ての|の',
    negative: 'なし|無し|ない|任意|可能なら|場合',
    loose: '拡張|再利用|依存|必要',
    and: 'と|および|及び|・',
    pronoun: 'すべて|全て',
    everyStory: '(?:すべて|全て|全)の?(?:ユーザー)?ストーリー',
    label: '依存(?:関係|タスク|先)?|前提(?:条件)?',
    beforeLabel: 'ブロック',
  },
  {
    // Korean
    after: NEVER,
    before: '전에|보다\\s*먼저|그\\s*다음',
    behind:
      '(?:이|가)?\\s*(?:완료|종료)?\\s*(?:된|한)?\\s*(?:이후|후)(?:에)?|에\\s*의존(?:함|합니다)?|(?:이|가)?\\s*필요',
    topic: '은|는|이|가',
    lead: '반드시|병렬로',
    tail: '(?:에)?\\s*(?:시작|실행|진행)\\s*(?:가능|할\\s*수\\s*있음)?|완료|먼저|병렬\\s*(?:실행\\s*)?가능',
    filler: '작업|태스크|단계|모든|전체',
    negative: '없음|없이|아님|선택|경우|독립',
    loose: '확장|재사용|의존|필요',
    and: '와|과|및',
    pronoun: '모두',
    everyStory: '모든\\s*(?:사용자\\s*)?스토리',
    label: '의존(?:성|관계)?|선행(?:\\s*작업)?',
    beforeLabel: '차단',
  },
];

/** The words of all languages for one use, as the source of a regular expression. */
function join(key: Exclude<keyof Words, never>): string {
  return [EN, ...OTHERS].map((words) => words[key] ?? NEVER).join('|');
}

export const WORDS = {
  after: join('after'),
  before: join('before'),
  behind: join('behind'),
  topic: join('topic'),
  lead: join('lead'),
  tail: join('tail'),
  filler: join('filler'),
  negative: join('negative'),
  loose: join('loose'),
  and: join('and'),
  pronoun: join('pronoun'),
  everyStory: join('everyStory'),
  label: join('label'),
  beforeLabel: join('beforeLabel'),
} as const;

export const ARROW = String.raw`[─━═—–-]*(?:-{1,3}>|={1,3}>|→|⟶|➜|➔|►|▶|▸|⇒|➡️?|⟹)`;

/** Ends a word of a table: behind Latin letters no further letter or digit may stand; other scripts need no border. */
export const WORD_END = String.raw`(?:(?<![\p{Script=Latin}\p{N}])|(?![\p{Script=Latin}\p{N}_]))`;

const SAYS_ORDER = new RegExp(
  `(?<![\\p{Script=Latin}\\p{N}_])(?:${WORDS.after}|${WORDS.before}|${WORDS.behind}|${WORDS.label})${WORD_END}|${ARROW}`,
  'iu',
);

/** A cheap test before the grammar: a text without these words says nothing about order. */
export function mayOrder(text: string): boolean {
  return SAYS_ORDER.test(text);
}
