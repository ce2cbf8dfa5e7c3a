import type { account as english } from '../en/account.ts';
import type { Worded } from '../worded.ts';

export const account: Worded<typeof english> = {
  account: {
    title: '계정',
    detail: '서버가 아는 나, 그리고 새 기기에서 들어오게 해 주는 것.',
    who: '나',
    name: '이름',
    nameHint: '서버가 알게 되고, 함께 쓰는 사람에게 보입니다. 비워 두어도 됩니다.',
    picture: '사진 고르기',
    noPicture: '사진 지우기',
    pictureWrong: '보여 줄 수 있는 사진이 아닙니다. 다른 파일을 고르세요.',
    profileSaved: '저장했습니다.',
    email: '이메일 주소',
    server: '서버',
    id: '계정',
    password: '비밀번호와 비상 키트',
    passwordWhat:
      '새 비밀번호에는 새 비상 키트가 함께 나옵니다. 기기들은 그대로 로그인되어 있고, 복구 문구도 그대로입니다.',
    change: '비밀번호 바꾸기',
    changeTitle: '새 비밀번호',
    changeWhat: '새 비밀번호가 적용될 때까지 옛 키트를 버리지 마세요. 적용되면 알려 드립니다.',
    changed: '새 비밀번호가 적용되었습니다. 옛 키트는 쓸 수 없습니다.',
    signOut: '로그아웃',
    signOutWhat: '이 기기에서 계정의 키를 지웁니다. 폴더와 그 안의 모든 것은 남습니다.',
    signOutHere: '이 기기에서 로그아웃',
    signOutTitle: '이 기기에서 로그아웃할까요?',
    signOutFolders: '여기 있는 폴더는 더 이상 맞춰지지 않습니다. 여기서도 다른 곳에서도 파일은 지워지지 않습니다.',
    signOutUnsafe_one: '여기 변경 {{count, number}}건이 아직 안전하지 않습니다. 이 디스크에만 남습니다.',
    signOutUnsafe_other: '여기 변경 {{count, number}}건이 아직 안전하지 않습니다. 이 디스크에만 남습니다.',
    signOutBack:
      '다시 들어오려면 비밀번호와 비상 키트, 또는 내 다른 기기가 필요합니다. 둘 다 없으면 아무도 내 파일을 열 수 없습니다.',
  },
};
