import type { storage as english } from '../en/storage.ts';
import type { Worded } from '../worded.ts';

export const storage: Worded<typeof english> = {
  storage: {
    title: '저장 공간',
    detail: '무엇이 공간을 차지하는지 보여 줍니다.',
    side: '위치',
    here: '이 기기',
    server: '서버',
    used: '서버 사용량',
    free: '이 디스크의 여유',
    trash: '이 기기의 휴지통',
    deleted: '지웠지만 서버에 남은 것',
    entries_one: '{{count, number}}개',
    entries_other: '{{count, number}}개',
    ofQuota: '{{quota}} 중 {{percent}}, 이전 버전 포함',
    noQuota: '이전 버전 포함, 제한 없음',
    way: '지금 위치',
    byFolder: '폴더별',
    byKind: '종류별',
    name: '이름',
    kind: '종류',
    share: '비율',
    size: '크기',
    files: '파일 수',
    rest: '더 작은 것 모두',
    nothing: '여기에는 공간을 차지하는 것이 없습니다.',
    kinds: {
      documents: '문서',
      images: '이미지',
      video: '동영상',
      audio: '소리',
      archives: '압축 파일',
      code: '코드',
      other: '그 밖',
    },
  },
};
