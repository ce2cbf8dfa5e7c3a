import type { versions as english } from '../en/versions.ts';
import type { Worded } from '../worded.ts';

export const versions: Worded<typeof english> = {
  versions: {
    title: '버전',
    toFiles: '모든 파일',
    choose: '파일 화면에서 파일을 고르면 버전이 보입니다.',
    none: '아직 보관된 버전이 없습니다. 파일이 안전해지면 첫 버전이 생깁니다.',
    count_one: '버전 {{count, number}}개',
    count_other: '버전 {{count, number}}개',
    current: '지금 상태',
    added: '{{device}}에서 추가',
    edited: '{{device}}에서 수정',
    restoredBy: '{{device}}에서 되살림',
    events: {
      renamed: '{{device}}에서 이름 변경, 이전 이름 {{previous}}',
      moved: '{{device}}에서 이동, 이전 위치 {{previous}}',
      deleted: '{{device}}에서 삭제',
      restored: '{{device}}에서 되살림',
    },
    top: '맨 위 폴더',
    lookOf: '{{moment}} 버전 보기',
    lookTitle: '{{name}}, {{moment}}',
    show: '보여 줄 내용',
    asItWas: '그때 모습',
    againstBefore: '바뀐 내용',
    againstNow: '지금과 비교',
    now: '지금',
    before: '이전: {{moment}}',
    this: '이 버전: {{moment}}',
    restore: '되돌리기',
    restoreOf: '되돌리기: {{moment}} 버전',
    beside: '옆에 두기',
    besideOf: '옆에 두기: {{moment}} 버전',
    restored: '{{moment}} 상태로 돌아왔습니다: {{name}}. 그 전 내용도 버전으로 남습니다.',
    putBeside: '파일 옆에 두었습니다: {{name}}',
  },
};
