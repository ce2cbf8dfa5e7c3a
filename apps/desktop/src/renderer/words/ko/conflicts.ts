import type { conflicts as english } from '../en/conflicts.ts';
import type { Worded } from '../worded.ts';

export const conflicts: Worded<typeof english> = {
  conflicts: {
    title: '충돌',
    detail: '두 기기에서 동시에 바뀐 파일입니다. 결정할 때까지 둘 다 보관합니다.',
    none: '충돌이 없습니다. 한 파일이 두 기기에서 동시에 바뀌면 둘 다 보관하고 여기에서 결정을 기다립니다.',
    decide: '비교하고 결정',
    decideOf: '비교하고 결정: {{name}}',
    gone: '이 이름의 파일은 더 이상 없습니다.',
    goneShort: '이 이름의 파일 없음',
    unknown: '기기 알 수 없음',
    underName: '원래 이름',
    asCopy: '사본',
    keep: '이쪽 남기기',
    keepOf: '이쪽 남기기: {{side}}',
    takeName: '원래 이름으로',
    both: '둘 다 남기기',
    bothHint: '남기지 않은 쪽은 휴지통으로 가며, 거기에서 되찾을 수 있습니다.',
    kept: '{{side}} 쪽을 남겼습니다. 다른 쪽은 휴지통에 있습니다.',
    keptName: '원래 이름으로 돌아왔습니다: {{name}}',
    keptBoth: '서로 다른 이름으로 둘 다 남겼습니다.',
    undo: '되돌리기',
    undone: '두 쪽 모두 이전 그대로입니다.',
  },
};
