/**
 * What a heading says: a phase number, stories, a priority, whether it is shared work, whether it speaks of
 * dependencies. Tables per language; knows nothing of tasks.
 */
import { ALPHABETIC, DIGIT } from './letters.ts';
import type { StoryId } from './task.ts';

const STORY_WORDS = [
  'user\\s+stor(?:y|ies)',
  'stor(?:y|ies)',
  'us',
  'ユーザー\\s*ストーリー',
  'ストーリー',
  '用户故事',
  '用戶故事',
  '使用者故事',
  '故事',
  '사용자\\s*스토리',
  '유저\\s*스토리',
  '스토리',
  'historias?\\s+de\\s+usuario',
  'hist[oó]rias?\\s+de\\s+usu[aá]rio',
  'historia\\s+u[żz]ytkownika',
  'historyjka\\s+u[żz]ytkownika',
  'r[ée]cits?\\s+utilisateur',
  'user\\s+stories',
  'anwendergeschichte',
].join('|');

/** One story, alone or as the first of several: `User Story 3`, `US-3`, `US1.2`, `ユーザーストーリー2`. */
const ONE = `(?<![${ALPHABETIC}${DIGIT}_])(?:${STORY_WORDS})\\s{0,3}[-#]?\\s{0,3}(\\d{1,4})(?:\\.\\d{1,4}){0,3}(?![${ALPHABETIC}${DIGIT}_])`;
const STORY = new RegExp(ONE, 'giu');
const STORY_HERE = new RegExp(ONE, 'iuy');
/** What may join further numbers to it: `User Stories 1, 2 & 3`, `US1-US3`, `US3 + US4`. */
const MORE = new RegExp(
  `(\\s{0,3}(?:,|/|&|\\+|、|和|与|及|と|및|(?<=\\s)(?:and|y|e|et|und|i)(?=\\s))\\s{0,3}|\\s{0,3}(?:-|–|—|~|～|(?<=\\s)(?:to|through)(?=\\s))\\s{0,3})(?:(${STORY_WORDS})\\s{0,3}[-#]?\\s{0,3})?(\\d{1,4})(?:\\.\\d{1,4}){0,3}(?![${ALPHABETIC}${DIGIT}_]|\\.\\d)`,
  'iuy',
);

const MAX_RANGE = 100;

export interface FoundStories {
  readonly stories: readonly StoryId[];
  /** Start and end of the words in the text. */
  readonly start: number;
  readonly end: number;
}

/** The stories that `text` names from offset `start` on, a range or list of them as one; `null` if none begins there. */
export function storiesAt(text: string, start: number): FoundStories | null {
  STORY_HERE.lastIndex = start;
  const match = STORY_HERE.exec(text);
  return match === null ? null : withMore(text, match);
}

/** All mentions of stories in `text`, ranges and lists expanded. */
export function findStories(text: string): FoundStories[] {
  const found: FoundStories[] = [];
  STORY.lastIndex = 0;
  for (let match = STORY.exec(text); match !== null; match = STORY.exec(text)) {
    const mention = withMore(text, match);
    if (mention === null) continue;
    found.push(mention);
    STORY.lastIndex = mention.end;
  }
  return found;
}

function withMore(text: string, match: RegExpExecArray): FoundStories | null {
  // `give us 3 pages` names no story.
  if (/^us\s/.test(match[0])) return null;
  const numbers = [Number(match[1])];
  let end = match.index + match[0].length;
  const isPlural = /ies\b|ias\b/i.test(match[0]);
  for (;;) {
    MORE.lastIndex = end;
    const more = MORE.exec(text);
    if (more === null) break;
    const joint = more[1] as string;
    const isRange = /[-–—~～]|to|through/i.test(joint);
    // `User Story 1 - 2 pages`: a dash in blanks starts a title, unless a second story word stands behind it.
    // `US2, 3 days` goes on with something else; `User Stories 2, 3` names both.
    if (more[2] === undefined && !isPlural && (!isRange || /\s/.test(joint))) break;
    const next = Number(more[3]);
    const previous = numbers.at(-1) as number;
    if (isRange && next > previous && next - previous < MAX_RANGE) {
      for (let n = previous + 1; n <= next; n++) numbers.push(n);
    } else numbers.push(next);
    end = MORE.lastIndex;
  }
  return { stories: [...new Set(numbers)].map((n) => `US${n}`), start: match.index, end };
}

const BRACKETS = /[(（[【]([^()（）[\]【】]*)[)）\]】]/g;
const PRIORITY_WORD = 'priority|prio|priorit[éy]|prioridade?|priorytet|priorit[äa]t|優先度|优先级|優先級|우선순위';
const PRIORITY = new RegExp(`(?:${PRIORITY_WORD})\\s*[:：]?\\s*P?([0-9])(?![0-9])`, 'i');

/**
 * The stories that a heading names. One in brackets counts only when the brackets hold nothing but stories and a
 * priority: `Login (US4, P1)` names US4, `Prerequisites (for US1 and US2)` names none.
 */
export function headingStories(text: string): StoryId[] {
  const stories: StoryId[] = [];
  const outside = text.replace(BRACKETS, (_, inner: string) => {
    const mentions = findStories(inner);
    let rest = '';
    let from = 0;
    for (const mention of mentions) {
      rest += inner.slice(from, mention.start);
      from = mention.end;
    }
    rest += inner.slice(from);
    rest = rest.replace(PRIORITY, ' ').replace(/\bP[0-9]\b/gi, ' ');
    if (mentions.length > 0 && !/[\p{L}\p{N}]/u.test(rest.replace(/\band\b/gi, ' '))) {
      for (const mention of mentions) stories.push(...mention.stories);
    }
    return ' ';
  });
  const named = findStories(outside).flatMap((mention) => mention.stories);
  return [...new Set([...named, ...stories])];
}

/** Whether the heading begins with a story: `User Story 2 - Search`, `US2: Search`. */
function beginsWithStory(text: string): boolean {
  const plain = text.replace(/^[^\p{L}\p{N}]+/u, '');
  return findStories(plain)[0]?.start === 0;
}

/** `1` from `(Priority: P1)`, `(P1)`, `[P1]` or `Priority: P1`; `null` if the heading gives none. */
export function headingPriority(text: string): number | null {
  const worded = PRIORITY.exec(text);
  if (worded !== null) return Number(worded[1]);
  for (const [, inner] of text.matchAll(BRACKETS)) {
    const bare = /(?<![\p{L}\p{N}])P([0-9])(?![\p{L}\p{N}])/u.exec(inner as string);
    if (bare !== null) return Number(bare[1]);
  }
  return null;
}

/** "Phase" per language, as the source of a regular expression. */
export const PHASE_WORD =
  'phases?|phasen|fases?|faz[aęyie]{1,2}|[ée]tapes?|фаз[аыу]|этап[ы]?|フェーズ|阶段|階段|단계|페이즈|giai\\s+đoạn';
const PHASE = new RegExp(`(?<![${ALPHABETIC}${DIGIT}_])(?:${PHASE_WORD})\\s*#?\\s*(\\d+(?:\\.\\d+)*)`, 'iu');
const PHASE_HEAD = new RegExp(`^(?:${PHASE_WORD})\\s*(?:#?\\s*\\d|N\\b|:)`, 'iu');
const PHASE_PREFIX = new RegExp(`^[^\\p{L}\\p{N}]*(?:${PHASE_WORD})\\s*(?:#?\\s*\\d+(?:\\.\\d+)*|N\\b)?`, 'iu');
const PHASE_BEFORE = /第\s*(\d+)\s*(?:阶段|階段)|(?<![\p{L}\p{N}])(\d+)\s*단계/u;

/** `3` from `Phase 3: Login`, `3.1` from `Phase 3.1`; `null` if the heading has no phase number. */
export function phaseNumber(text: string): string | null {
  const match = PHASE.exec(text) ?? PHASE_BEFORE.exec(text);
  return match === null ? null : ((match[1] ?? match[2]) as string);
}

/** Whether the heading begins like a phase: `Phase 2: …`, `フェーズ 3`, or with a story. */
export function looksLikePhase(text: string): boolean {
  const plain = text.replace(/^[^\p{L}\p{N}]+/u, '');
  return PHASE_HEAD.test(plain) || PHASE_BEFORE.exec(plain)?.index === 0 || beginsWithStory(plain);
}

/** The name of a phase without its number, brackets and marks: `Setup` from `Phase 1: Setup (Shared) ✅`. */
export function phaseName(text: string): string {
  return text
    .replace(BRACKETS, ' ')
    .replace(PHASE_PREFIX, ' ')
    .replace(/[^\p{L}\p{N}&/+\- ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s\-–—:]+|[\s\-–—:]+$/g, '')
    .trim();
}

/** Words of a language in Latin letters, each with borders. */
const latin = (words: string): RegExp => new RegExp(`(?<![${ALPHABETIC}])(?:${words})(?![${ALPHABETIC}])`, 'iu');

/**
 * Words of headings whose work is for the whole feature. A heading that names a story is a story phase whatever
 * else it says; that is for the caller.
 */
const SHARED: Readonly<Record<string, RegExp>> = {
  en: latin(
    'set[- ]?up|initiali[sz]ation|project init|scaffold(?:ing)?|bootstrap(?:ping)?|foundations?|foundational|pre-?requisites?|prerequisite|infrastructure|shared|groundwork|polish(?:ing)?|cross[- ]cutting|clean[- ]?up|convergence|converge|final(?:e|i[sz]ation|i[sz]e|i[sz]ing)?|wrap[- ]?up|finish(?:ing)?',
  ),
  es: latin(
    'configuraci[oó]n|preparaci[oó]n|inicializaci[oó]n|fundaci[oó]n(?:al)?|fundacional(?:es)?|cimientos|fundamentos|prerr?equisitos|requisitos previos|infraestructura|pulido|transversal(?:es)?|limpieza|cierre|final',
  ),
  pt: latin(
    'configura[cç][aã]o|prepara[cç][aã]o|inicializa[cç][aã]o|funda[cç][aã]o|fundacional|fundamentos|pr[eé]-?requisitos|infraestrutura|polimento|transversa(?:l|is)|limpeza|finaliza[cç][aã]o|final',
  ),
  fr: latin(
    'mise en place|initialisation|fondations?|fondation(?:nel)?s?|pr[ée]-?requis|infrastructure|finitions?|finalisation|transversa(?:l|ux|les?)|nettoyage|cl[ôo]ture',
  ),
  pl: latin(
    'konfiguracja|przygotowanie|inicjalizacja|fundament(?:y|alne|alna)?|podstawy|wymagania wst[ęe]pne|infrastruktura|szlify|dopracowanie|wyko[ńn]czenie|przekrojowe|porz[ąa]dki|sprz[ąa]tanie|finalizacja|zako[ńn]czenie',
  ),
  de: latin(
    `einrichtung|vorbereitung|grundlagen?|fundament|voraussetzungen|infrastruktur|feinschliff|querschnitt[${ALPHABETIC}]*|aufr[äa]umen|abschluss`,
  ),
  ja: /セットアップ|初期設定|初期化|環境構築|準備|基盤|基礎|前提|インフラ|ポリッシュ|仕上げ|横断|クリーンアップ|最終|統合とポリッシュ|共通/u,
  zh: /设置|設置|设定|設定|初始化|准备|準備|环境搭建|環境建置|搭建|基础|基礎|基建|前置|先决|先決|打磨|完善|润色|潤飾|优化与|收尾|横切|橫切|跨领域|跨領域|清理|收敛|最终|最終|共享|共用/u,
  ko: /설정|셋업|초기화|준비|기반|기초|사전|선행|인프라|마무리|폴리시|폴리싱|다듬기|횡단|정리|최종|공통/u,
};

/** Whether the words of a heading speak of work for the whole feature. */
export function speaksOfSharedWork(text: string): boolean {
  return Object.values(SHARED).some((words) => words.test(text));
}

const DEPENDENCY_HEADING =
  /dependenc|dependent tasks|execution order|completion order|task order|(?<![A-Za-z])waves?(?![A-Za-z])|dependencia|dependência|dépendance|zależno|abhängigkeit|orden de ejecuci|ordem de execu|kolejność|ordre d'ex|依存|依赖|依賴|执行顺序|執行順序|実行順|波次|의존|실행 순서/iu;
const NEVER_DEPENDENCY =
  /strateg|(?<![A-Za-z])teams?(?![A-Za-z])|deliver|estrategia|estratégia|stratégie|equipo|equipe|équipe|entrega|livraison|dostaw|zespół|戦略|チーム|策略|团队|團隊|交付|전략|팀/iu;

/** `true`: a dependency section; `false`: never one, not even below one; `null`: as the heading above it says. */
export function speaksOfDependencies(text: string): boolean | null {
  if (NEVER_DEPENDENCY.test(text)) return false;
  return DEPENDENCY_HEADING.test(text) ? true : null;
}
