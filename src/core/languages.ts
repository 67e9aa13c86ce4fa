/**
 * The words of dependency, a table per language, as sources of regular expressions. The longest alternative stands
 * first where one begins like another. Knows words; the grammar is in `sentences.ts`.
 */

export interface Words {
  /** The left side waits for the right one. */
  readonly after: string;
  /** The left side comes first. */
  readonly before: string;
  /** Stands behind the list that comes first: `T003の後に`, `US1 完成后`. */
  readonly behind?: string;
  /** Stands behind the list that comes later: `T003の前に`. */
  readonly ahead?: string;
  /** Subject particle: `T005はT003に依存`. */
  readonly topic?: string;
  /** May stand before a word of dependency without changing it: `must`, `can start`. */
  readonly lead: string;
  /** May stand behind any list: `complete`, `is done`, `first`. */
  readonly tail: string;
  /** May stand behind a list that comes later: `starts`, `in parallel`. */
  readonly manner: string;
  /** Stand before or behind a name inside a list: `the`, `tasks`. */
  readonly filler: string;
  /** Turn a sentence into none at all. */
  readonly negative: string;
  /** Make a sentence a proposal or an alternative: no order, but worth listing. */
  readonly doubt: string;
  /** Join two stories loosely: not an edge, but a hint. */
  readonly loose: string;
  /** Say that what follows them is not waited for. */
  readonly apart: string;
  readonly and: string;
  /** Stand for the subject: `All depend on …`. */
  readonly pronoun: string;
  readonly everyStory: string;
  /** Begin a line that lists what a task waits for: `Depends on:`. */
  readonly label: string;
  /** Begin a line that lists what waits for a task: `Blocks:`. */
  readonly beforeLabel: string;
}

export const LANGUAGES: Readonly<Record<string, Words>> = {
  en: {
    after:
      "depend(?:s|ing|ent)?(?:\\s+(?:only|directly|solely|entirely|also|both))?\\s+(?:up)?on|requires?|requiring|needs?(?!\\s+to(?:\\s|$))|waits?\\s+(?:for|on|until)|waiting\\s+(?:for|on|until)|builds?\\s+(?:up)?on|rel(?:y|ies)\\s+on|(?:blocked|gated)\\s+(?:by|until|on)|follows?|after|once|(?:can\\s?not|can['’]?t|must\\s+not|should\\s+not|does\\s+not|do\\s+not|won['’]t)\\s+(?:start|begin|run|proceed)\\s+(?:until|before)",
    before:
      '(?:an?\\s+|the\\s+)?prerequisites?\\s+(?:of|for|to)|(?:required|needed)\\s+(?:by|for|before)|blocks?|blocking|unblocks?|precedes?|gates|before|prior\\s+to|ahead\\s+of|and\\s+then|then',
    lead: 'can(?:\\s+(?:then|only))?|must|should|shall|will|has|have|to|needs?\\s+to|be|is|are|only|also|all|both|each|strictly|directly|immediately|always|starts?|started|begins?|runs?|proceeds?|goes|go|comes?|happens?|executes?|executed|in\\s+parallel|sequentially|completes?|completed|finish(?:es|ed)?|done|implemented|developed|merged|lands?|landed|exists?',
    tail: 'completes?|completed|completely|completion|completing|done|finish(?:es|ed)?|first|ready|pass(?:es|ed)?|merged?|merges|lands?|landed|exists?|only|is|are|has|have|been|being|to|be|successfully|fully',
    manner:
      'starts?|begins?|proceeds?|runs?|can|in\\s+parallel|parallel|must|should|sequential(?:ly)?|in\\s+(?:order|sequence|series)|(?:in\\s+)?(?:that|this)\\s+order',
    filler:
      'the|on|tasks?|phases?|both|all\\s+of|all|stor(?:y|ies)|steps?|waves?|each|every|completion\\s+of|completing|user|implementation|work',
    negative:
      "may|might|could|would|if|unless|optional(?:ly)?|ideally|no|not|never|without|none|neither|nor|cannot|except|(?:can|do|does|is|are|must|should|need|have|has|won|would|could)n['’]t|can['’]t|won['’]t|independent(?:ly)?\\s+(?:of|from)|regardless",
    doubt:
      'or|alternatively|recommended|recommend|suggested|suggest|preferably|prefer(?:red)?|instead|either|example|probably|usually|typically|perhaps|maybe',
    loose:
      'extends?|extending|reuses?|reusing|builds?|building|depends?|depending|dependent|requires?|requiring|needs?|after|before|follows?|blocks?|relies|rely|refines?|enhances?|enables?|unlocks?|consumes?|inherits?|waits?|first|once|precedes?|until|prerequisites?',
    apart:
      '(?:in\\s+)?parallel(?:\\s+(?:with|to))?|alongside|concurrent(?:ly)?(?:\\s+with)?|simultaneous(?:ly)?|same|together',
    and: 'and|plus',
    pronoun: 'all\\s+of\\s+(?:them|these)|all|both|each|they|it|this|these|which|everything',
    everyStory:
      '(?:all|every|each)(?:\\s+(?:the|desired|other|remaining|of))*(?:\\s+the)?\\s+(?:user\\s+)?stor(?:y|ies)(?:\\s+phases)?|user\\s+stories',
    label:
      'depends?(?:\\s+(?:up)?on)?|dependenc(?:y|ies)|dependent\\s+(?:up)?on|deps?|requires?|required|prerequisites?|pre-?reqs?|blocked\\s+by|after|needs?|waits?\\s+(?:for|on)',
    beforeLabel: 'blocks?|unblocks?|blocking|before|required\\s+(?:by|for)|prerequisite\\s+(?:of|for)',
  },
  es: {
    after:
      'depend[eé]n?(?:\\s+(?:solo|s[oó]lo|[uú]nicamente))?\\s+de|requieren?|necesitan?|despu[eé]s\\s+de|tras|esperan?\\s+a|bloquead[oa]s?\\s+por',
    before: 'bloquean?|desbloquean?|antes\\s+(?:de|que)|preceden?\\s+a|luego|despu[eé]s',
    lead: 'deben?|pueden?|empezar|empiezan?|comenzar|ejecutarse|iniciar|en\\s+paralelo|completarse|ir|van?',
    tail: 'complet[oa]s?|completad[oa]s?|terminad[oa]s?|list[oa]s?|primero',
    manner: 'en\\s+paralelo|secuencial(?:es|mente)?|en\\s+(?:orden|secuencia)',
    filler: 'la|las|el|los|tareas?|fases?|historias?',
    negative: 'sin|ning[uú]n[oa]?|puede\\s+que|opcional(?:mente)?|si|podr[ií]an?|independientes?\\s+de|idealmente',
    doubt: 'o|recomendad[oa]|sugerid[oa]',
    loose: 'extiende|ampl[ií]a|reutiliza|depende|requiere|necesita|despu[eé]s|antes|tras',
    apart: 'en\\s+paralelo(?:\\s+con)?',
    and: 'y|e',
    pronoun: 'tod[oa]s|amb[oa]s',
    everyStory: 'todas\\s+las\\s+(?:historias(?:\\s+de\\s+usuario)?|user\\s+stories)|las\\s+historias',
    label: 'depende(?:\\s+de)?|dependencias?|requiere|prerr?equisitos?',
    beforeLabel: 'bloquea',
  },
  pt: {
    after: 'dependem?\\s+d[eoa]s?|requer(?:em)?|precisam?\\s+de|ap[oó]s|depois\\s+d[eoa]s?',
    before: 'bloqueiam?|desbloqueiam?|antes\\s+d[eoa]s?|precedem?',
    lead: 'devem?|podem?|iniciar|come[cç]ar|executar|em\\s+paralelo|ser',
    tail: 'completas?|completos?|conclu[ií]d[oa]s?|conclus[aã]o|pront[oa]s?|primeiro',
    manner: 'em\\s+paralelo|sequencial(?:mente)?|em\\s+(?:ordem|sequ[eê]ncia)',
    filler: 'a|as|o|os|tarefas?|fases?|hist[oó]rias?',
    negative: 'sem|nenhuma?|n[aã]o|opcional(?:mente)?|se|independentes?\\s+d[eoa]s?|talvez|idealmente',
    doubt: 'ou|recomendad[oa]|sugerid[oa]',
    loose: 'estende|reutiliza|depende|requer|ap[oó]s|antes',
    apart: 'em\\s+paralelo(?:\\s+com)?',
    and: 'e',
    pronoun: 'tod[oa]s|amb[oa]s',
    everyStory: 'todas\\s+as\\s+(?:hist[oó]rias(?:\\s+de\\s+usu[aá]rio)?|user\\s+stories)',
    label: 'depende(?:\\s+de)?|depend[eê]ncias?|requer',
    beforeLabel: 'bloqueia',
  },
  fr: {
    after: "d[ée]pend(?:ent)?\\s+(?:de\\s+la|de|du|des|d['’])|requi[eè]re?(?:nt)?|n[ée]cessite(?:nt)?|apr[eè]s",
    before: 'bloque(?:nt)?|d[ée]bloque(?:nt)?|avant|pr[ée]c[eè]de(?:nt)?|puis',
    lead: 'doi(?:t|vent)|peu(?:t|vent)|commencer|d[ée]marrer|[eê]tre|en\\s+parall[eè]le',
    tail: 'termin[ée]e?s?|achev[ée]e?s?|compl[eè]te?s?',
    manner: "en\\s+parall[eè]le|s[ée]quentiel(?:le)?s?|dans\\s+l['’]ordre",
    filler: "la|le|les|t[aâ]ches?|phases?|l['’]",
    negative: 'sans|aucune?|pas|optionnel(?:lement)?|si|ind[ée]pendante?s?\\s+d|id[ée]alement',
    doubt: 'ou|recommand[ée]e?|sugg[ée]r[ée]e?',
    loose: '[ée]tend|r[ée]utilise|d[ée]pend|n[ée]cessite|apr[eè]s|avant',
    apart: 'en\\s+parall[eè]le(?:\\s+(?:avec|de))?',
    and: 'et',
    pronoun: 'tou(?:s|tes)',
    everyStory: 'toutes\\s+les\\s+(?:user\\s+)?stories|tous\\s+les\\s+r[ée]cits(?:\\s+utilisateurs?)?',
    label: 'd[ée]pend(?:\\s+de)?|d[ée]pendances?|requiert|pr[ée]-?requis',
    beforeLabel: 'bloque',
  },
  pl: {
    after: 'zale[żz](?:y|ą|a)\\s+od|wymaga(?:j[ąa])?|po|czeka(?:j[ąa])?\\s+na',
    before: 'blokuj(?:e|[ąa])|odblokowuj(?:e|[ąa])|przed|poprzedza(?:j[ąa])?|potem|nast[ęe]pnie',
    lead: 'mo[żz](?:e|na|g[ąa])|musi|musz[ąa]|by[ćc]|rozpocz[ąa][ćc]|wystartowa[ćc]|r[óo]wnolegle',
    tail: 'uko[ńn]czeni[ua]|zako[ńn]czeni[ua]|gotow[eay]',
    manner: 'r[óo]wnolegle|sekwencyjnie|po\\s+kolei',
    filler: 'zadani[aeu]|faz[aęy]|fazie|zako[ńn]czeniu|uko[ńn]czeniu',
    negative: 'bez|brak|nie|opcjonalnie|je[śs]li|niezale[żz]n\\p{L}*\\s+od|idealnie',
    doubt: 'lub|albo|zalecan[ae]|sugerowan[ae]',
    loose: 'rozszerza|wykorzystuje|zale[żz]y|wymaga|przed|po',
    apart: 'r[óo]wnolegle(?:\\s+z)?',
    and: 'i|oraz',
    pronoun: 'wszystkie',
    everyStory: 'wszystkie\\s+(?:historie(?:\\s+u[żz]ytkownika)?|user\\s+stories)',
    label: 'zale[żz]y(?:\\s+od)?|zale[żz]no[śs]ci|wymaga',
    beforeLabel: 'blokuje',
  },
  de: {
    after: 'h[äa]ng(?:t|en)\\s+(?:ab\\s+)?von|ben[öo]tig(?:t|en)|braucht|nach|wartet\\s+auf',
    before: 'blockier(?:t|en)|vor|danach|dann',
    lead: 'muss|m[üu]ssen|kann|k[öo]nnen|startet|beginnt|parallel',
    tail: 'fertig|abgeschlossen|ab|zuerst',
    manner: 'parallel|nacheinander',
    filler: 'die|der|das|aufgaben?|phasen?',
    negative: 'keine?|nicht|ohne|optional|falls|wenn|unabh[äa]ngig\\s+von|idealerweise',
    doubt: 'oder|empfohlen|vorzugsweise',
    loose: 'erweitert|nutzt|ben[öo]tigt|nach|vor',
    apart: 'parallel(?:\\s+(?:zu|mit))?|gleichzeitig',
    and: 'und',
    pronoun: 'alle',
    everyStory: 'alle\\s+(?:user\\s+)?stor(?:ie|y)s',
    label: 'abh[äa]ngig\\s+von|abh[äa]ngigkeiten?|ben[öo]tigt|voraussetzungen?',
    beforeLabel: 'blockiert',
  },
  ru: {
    after: '(?:зависит|зависят)\\s+от|требует|требуют|после',
    before: 'блокирует|блокируют|разблокирует|перед|до|затем',
    lead: 'может|могут|должен|должна|должны|начаться|начинаться|быть|параллельно',
    tail: 'завершен[аы]?|завершения|готов[аы]?',
    manner: 'параллельно|последовательно',
    filler: 'завершения|задач[аиу]?|фаз[аыу]',
    negative: 'без|нет|не|если|независим\\p{L}*\\s+от|опционально',
    doubt: 'или|рекомендуется',
    loose: 'расширяет|использует|зависит|требует|после|перед',
    apart: 'параллельно(?:\\s+с)?',
    and: 'и',
    pronoun: 'все',
    everyStory: 'все(?:х)?\\s+(?:user\\s+stories|пользовательские\\s+истории)',
    label: 'зависит(?:\\s+от)?|зависимости|требует',
    beforeLabel: 'блокирует',
  },
  zh: {
    after: '依赖(?:于)?|依賴(?:於)?|需要|等待|取决于|取決於',
    before: '阻塞|阻擋|阻断|先于|先於|早于|早於|然后|然後',
    behind: '(?:全部)?(?:完成|结束|結束)(?:之)?(?:后|後)|之后|之後|以后|以後|后|後',
    ahead: '之前|以前',
    lead: '可(?:以)?|必须|必須|应|應|在|才能|均|都|皆|仅|僅|只|并行|並行',
    tail: '(?:全部)?完成|的完成|结束|先|皆|均|都',
    manner:
      '(?:即可|才能|可(?:以)?(?:立即)?|再|方可)?(?:开始|開始|执行|執行|进行|進行|启动|啟動|完成)|(?:可)?(?:并行|並行)|依序|顺序执行|順序執行',
    filler: '任务|任務|阶段|階段|的|所有',
    negative: '无|無|不|没有|沒有|可选|可選|如果|若|可能',
    doubt: '建议|建議|推荐|推薦|或',
    loose: '扩展|擴展|复用|複用|依赖|依賴|需要|基于|基於|完成后|完成後|之后|之後',
    apart: '并行|並行|平行|同时|同時',
    and: '和|与|與|及|以及',
    pronoun: '均|都|皆|全部|所有',
    everyStory: '所有(?:目标|目標)?(?:用户|用戶|使用者)?故事|所有\\s*user\\s+stories',
    label: '依赖(?:于|项|任务|关系)?|依賴(?:於|項|任務|關係)?|前置(?:任务|任務|条件|條件)?|需要',
    beforeLabel: '阻塞',
  },
  ja: {
    after: '(?!)',
    before: 'その後|次に',
    behind:
      'の?(?:完了)?(?:の)?後(?:に|で)?|完了後(?:に)?|に依存(?:する|します)?|が(?:完了|終了)し(?:て|た)(?:から|後(?:に)?)|を待つ|が必要|以降',
    ahead: 'をブロック(?:する|します)?|の?(?:開始)?前に|より(?:も)?(?:前|先)に',
    topic: 'は|が|を',
    lead: '必ず|並列に',
    tail: '完了|先に',
    manner: '(?:に|を)?(?:開始|実行|着手)(?:可能|できる|する|します)?|並列(?:実行)?(?:可能)?',
    filler: 'タスク|フェーズ|すべての|全ての|の',
    negative: 'なし|無し|ない|任意|可能なら|場合',
    doubt: '推奨|または|あるいは',
    loose: '拡張|再利用|依存|必要|後に',
    apart: '並列|並行|同時',
    and: 'と|および|及び|・',
    pronoun: 'すべて|全て',
    everyStory: '(?:すべて|全て|全)の?(?:ユーザー)?ストーリー',
    label: '依存(?:関係|タスク|先)?|前提(?:条件|タスク)?',
    beforeLabel: 'ブロック',
  },
  ko: {
    after: '(?!)',
    before: '그\\s*다음',
    behind:
      '(?:이|가)?\\s*(?:완료|종료)?\\s*(?:된|한)?\\s*(?:이후|후)(?:에)?|에\\s*의존(?:함|합니다)?|(?:이|가)?\\s*필요',
    ahead: '(?:보다)?\\s*먼저|(?:보다\\s*)?(?:이)?전에|(?:을|를)\\s*(?:차단|블로킹|블록)',
    topic: '은|는|이|가|을|를',
    lead: '반드시|병렬로',
    tail: '완료',
    manner:
      '(?:에)?\\s*(?:시작|실행|진행)\\s*(?:가능|할\\s*수\\s*있음)?|병렬\\s*(?:(?:실행|작업|진행|구현)\\s*)?(?:가능)?',
    filler: '작업|태스크|단계|모든|전체',
    negative: '없음|없이|아님|선택|경우',
    doubt: '또는|권장|추천',
    loose: '확장|재사용|의존|필요|완료\\s*후',
    apart: '(?:와|과)?\\s*병렬|동시',
    and: '와|과|및',
    pronoun: '모두',
    everyStory: '모든\\s*(?:(?:사용자\\s*)?스토리|user\\s+stor(?:y|ies))',
    label: '의존(?:성|관계)?|선행(?:\\s*작업)?',
    beforeLabel: '차단',
  },
};
