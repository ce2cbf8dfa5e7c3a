import type { linking as english } from '../en/linking.ts';
import type { Worded } from '../worded.ts';

export const linking: Worded<typeof english> = {
  linking: {
    title: '기기 연결',
    how: '새 기기에서 Onefold를 열어 “다른 기기의 단어 쓰기”를 고르거나 onefold link를 실행하세요. 그리고 이 여덟 단어를 입력하거나 이 코드의 텍스트를 넣으세요.',
    qr: '서버 주소와 여덟 단어가 담긴 QR 코드',
    words: '여덟 단어',
    secret: '5분 동안 한 번만 쓸 수 있습니다. 다른 사람에게 보이지 마세요.',
    asking: '{{name}} 기기가 연결하려고 합니다. 그 기기에 이 네 단어가 보이나요?',
    checkWords: '확인 단어',
    compare: '다른 단어가 보이면 누군가 두 기기 사이에 끼어든 것입니다. 그때는 받아들이지 마세요.',
    approve: '같으니 받아들이기',
    deny: '거절',
    adding: '{{name}} 기기를 추가하는 중입니다.',
    added: '{{name}} 기기가 계정에 들어왔습니다. 그 기기에서 폴더를 고르면 파일이 채워집니다.',
    denied: '그 기기를 거절했습니다. 그 기기는 아무것도 알아내지 못했습니다.',
    timeUp: '제때 온 기기가 없거나 도중에 떠났습니다. 바뀐 것은 없습니다.',
    failed: '이 단어를 가진 기기가 보낸 것이 아니었습니다. 바뀐 것은 없습니다.',
    again: '새 단어 보기',
  },
};
